/// Text as it may stand in a page: the five characters that mean something there are escaped.
func escaped(_ text: String) -> String {
  var result = ""
  for character in text.unicodeScalars {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.unicodeScalars.append(character)
    }
  }
  return result
}

/// An element with escaped text inside.
func element(_ name: String, _ text: String, class className: String? = nil) -> String {
  let attribute = className.map { " class=\"\(escaped($0))\"" } ?? ""
  return "<\(name)\(attribute)>\(escaped(text))</\(name)>"
}
