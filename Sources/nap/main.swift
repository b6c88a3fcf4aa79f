import NapCommand

NapCommand.main()
