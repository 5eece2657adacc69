package dev.tenon.text.file;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.text.normalize.BertNormalizer;
import dev.tenon.text.normalize.Charsmap;
import dev.tenon.text.normalize.Normalizers;
import dev.tenon.text.normalize.UnicodeForm;
import dev.tenon.text.stage.TextNormalizer;
import java.util.Base64;

/** Reads normalizers. */
final class NormalizerReader {
    private NormalizerReader() {}

    static TextNormalizer read(JsonValue json) {
        return switch (json.type()) {
            case "Sequence" ->
                Normalizers.sequence(json.get("normalizers").items().stream()
                        .map(NormalizerReader::read)
                        .toList());
            case "BertNormalizer" -> bert(json);
            case "NFC", "NFD", "NFKC", "NFKD" -> UnicodeForm.valueOf(json.type());
            case "Lowercase" -> Normalizers.lowerCase();
            case "Strip" ->
                Normalizers.strip(
                        json.get("strip_left").flag(), json.get("strip_right").flag());
            case "StripAccents" -> Normalizers.stripAccents();
            case "Replace" ->
                Normalizers.replace(
                        PatternReader.read(json.get("pattern")),
                        json.get("content").text());
            case "Prepend" -> Normalizers.prepend(json.get("prepend").text());
            case "Precompiled" -> charsmap(json.get("precompiled_charsmap"));
            case "Nmt" -> Normalizers.translation();
            case "ByteLevel" -> Normalizers.byteLevel();
            default ->
                throw json.get("type")
                        .unsupported(
                                "Sequence, BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Replace,"
                                        + " Prepend, Precompiled, Nmt or ByteLevel");
        };
    }

    private static TextNormalizer bert(JsonValue json) {
        boolean lowerCase = json.get("lowercase").flag();
        return new BertNormalizer(
                json.get("clean_text").flag(),
                json.get("handle_chinese_chars").flag(),
                json.flag("strip_accents", lowerCase),
                lowerCase);
    }

    private static TextNormalizer charsmap(JsonValue json) {
        try {
            return Charsmap.of(Base64.getDecoder().decode(json.text()));
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(
                    json.thing(), e.getMessage(), "a table of SentencePiece in Base64", "fetch the file again", e);
        }
    }
}
