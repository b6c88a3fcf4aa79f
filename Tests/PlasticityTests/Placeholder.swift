// PlasticityTests
