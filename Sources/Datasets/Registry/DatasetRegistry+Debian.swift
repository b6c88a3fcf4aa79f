extension DatasetRegistry {
  /// Six texts unlike one another, from packages of Debian 12.
  ///
  /// The versions are those of its last point release, which `deb.debian.org` keeps for as long as Debian 12 is
  /// served. The second address is Debian's archive of every file, by its SHA-1.
  public static let debianTexts = DatasetDescription(
    name: "debian-texts",
    summary: "six texts of 2 to 6 MB: Bible, dictionary, manual pages, German, Python, kernel",
    folder: "debian-texts",
    content: .debian([
      DebianText(
        name: "bible", summary: "the King James Bible, a verse a line", byteCount: 4_404_475,
        sha256: "e53aaf0af1e58f259e35d0d9f7ca1bbe154fd77bb95471279b37b34d3c397a98",
        packages: ["bible-kjv-text_4.38_all.deb"], prefix: "./usr/lib/", suffix: "/bible.data",
        form: .verses),
      // Further on are bytes that are not UTF-8.
      DebianText(
        name: "dictionary", summary: "GCIDE, a dictionary of 1913, from A to part of B",
        byteCount: 3_499_989,
        sha256: "bc98b3c9aa6ea67c7a49404a32a2b4d20c04d4c6b360b9fa41919b65042309fb",
        packages: ["dict-gcide_0.48.5+nmu2_all.deb"], prefix: "./usr/share/dictd/",
        suffix: "/gcide.dict.dz", form: .gzip, longest: 3_500_000),
      DebianText(
        name: "manual", summary: "every second manual page of Linux, as roff",
        byteCount: 3_457_316,
        sha256: "b73375c54d919f3a27ad85321daf21ee3fbc5cdb1c081f1550665b49e5d5f311",
        packages: ["manpages_6.03-2_all.deb", "manpages-dev_6.03-2_all.deb"],
        prefix: "./usr/share/man/man", suffix: ".gz", form: .gzip, stride: 2),
      DebianText(
        name: "german", summary: "quotations in German", byteCount: 1_954_538,
        sha256: "c6c859db2686cec157be4202747a36de4bc7405042918922f507fb6a9b3012a3",
        packages: ["fortunes-de_0.35-1_all.deb"], prefix: "./usr/share/games/fortunes/de/",
        suffix: "/zitate"),
      DebianText(
        name: "python", summary: "the modules of Python 3.11's standard library",
        byteCount: 5_532_717,
        sha256: "b99a16004a7295bcb4e5e75da23a6f684b5ab180eed6d5e0516e9b3a1cad1ef6",
        packages: ["libpython3.11-stdlib_3.11.2-6+deb12u8_amd64.deb"],
        prefix: "./usr/lib/python3.11/", suffix: ".py"),
      DebianText(
        name: "kernel",
        summary: "every fifth page of Linux 6.1's documentation, as reStructuredText",
        byteCount: 4_631_257,
        sha256: "49186965e768964507c9a920822bd34426bcb49ce02acaea6b71342711e2790d",
        packages: ["linux-doc-6.1_6.1.176-1_all.deb"],
        prefix: "./usr/share/doc/linux-doc-6.1/html/_sources/", suffix: ".rst.txt",
        excluded: "/translations/", stride: 5),
    ]),
    downloads: [
      package(
        "b/bible-kjv/bible-kjv-text_4.38_all.deb", 2_445_000,
        "d61b6aad4c51ba9e2800b825325fa6a09e99a0d02a9bb6dc4724fcc4995a1b7a",
        "1666fa8517505735afa6b63c149d7879c42fb1a2"),
      package(
        "d/dict-gcide/dict-gcide_0.48.5+nmu2_all.deb", 14_800_692,
        "7b0af5cfde3cbdef5e9d6e78f92ec335ced7c2790f37a40f49bebc6f7347ac0f",
        "a731e5db951f4e5cc16d55bc42736be0768ba8c5"),
      package(
        "m/manpages/manpages_6.03-2_all.deb", 1_331_652,
        "efa1ba4cd19ad7baeae959c9209a7eb74be2ebb858bcabb412597bfc9f588c91",
        "175c009a2b0fe1234bd93d8b98ceb6aa974a3170"),
      package(
        "m/manpages/manpages-dev_6.03-2_all.deb", 2_030_264,
        "96f55cb5e26231d5567c89b692bced63825a14a2d5bd18fdf16ea2ed44eb9838",
        "b71c8faeabec88b84053a521de64de2a6987aa77"),
      package(
        "f/fortunes-de/fortunes-de_0.35-1_all.deb", 904_952,
        "03fe7a7912935bd3d4e02e38d79ef32a289097f8718d4488c409595abce067a0",
        "be220b4024246c808b3f85ca2fd3e747f07227ab"),
      package(
        "p/python3.11/libpython3.11-stdlib_3.11.2-6+deb12u8_amd64.deb", 1_798_560,
        "890b3540dad8a1ccc0deeca025db735bcc82629a76adacbe3b50fcc06ed528ca",
        "85fd8963262ea1caac4a3a5d74227bf19c11c6fe"),
      package(
        "l/linux/linux-doc-6.1_6.1.176-1_all.deb", 37_222_656,
        "0d843674607703b9ef8c1db5e715c38ed52ff23574feabfe0d961d552126859f",
        "97a5e89b363de0a3439a2b0953a366683e859d77"),
    ])

  private static func package(
    _ path: String, _ byteCount: Int, _ sha256: String, _ sha1: String
  ) -> RemoteFile {
    RemoteFile(
      name: path.split(separator: "/").last.map(String.init) ?? path,
      addresses: [
        "https://deb.debian.org/debian/pool/main/" + path,
        "https://snapshot.debian.org/file/" + sha1,
      ], byteCount: byteCount, sha256: sha256)
  }
}
