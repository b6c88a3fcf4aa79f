// Empty on purpose: SentencePiece's headers are C++, which only CSentencePiece includes.
