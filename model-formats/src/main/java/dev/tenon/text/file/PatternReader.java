package dev.tenon.text.file;

import dev.tenon.text.regex.OnigurumaRegex;
import dev.tenon.text.split.Splits;
import dev.tenon.text.stage.Finder;

/** Reads patterns: {@code {"String": text}} or {@code {"Regex": expression}}. */
final class PatternReader {
    private PatternReader() {}

    static Finder read(JsonValue json) {
        if (json.find("String").isPresent()) {
            String text = json.get("String").text();
            return text.isEmpty() ? OnigurumaRegex.of(json.thing(), "") : Splits.literal(text);
        }
        if (json.find("Regex").isPresent()) {
            JsonValue regex = json.get("Regex");
            return OnigurumaRegex.of(regex.thing(), regex.text());
        }
        throw json.wrong("an object with String or Regex");
    }
}
