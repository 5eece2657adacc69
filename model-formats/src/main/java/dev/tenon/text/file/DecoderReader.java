package dev.tenon.text.file;

import dev.tenon.text.decode.Decoders;
import dev.tenon.text.split.Splits;
import dev.tenon.text.stage.Decoder;

/** Reads decoders. */
final class DecoderReader {
    private DecoderReader() {}

    static Decoder read(JsonValue json) {
        return switch (json.type()) {
            case "Sequence" ->
                Decoders.sequence(json.get("decoders").items().stream()
                        .map(DecoderReader::read)
                        .toList());
            case "ByteLevel" -> Decoders.byteLevel();
            case "ByteFallback" -> Decoders.byteFallback();
            case "Fuse" -> Decoders.fuse();
            case "WordPiece" ->
                Decoders.wordPiece(
                        json.get("prefix").text(), json.get("cleanup").flag());
            case "Metaspace" ->
                Decoders.metaspace(
                        Character.toString(json.get("replacement").character()),
                        PreTokenizerReader.prepending(json) != Splits.Prepending.NEVER);
            case "BPEDecoder" -> Decoders.suffix(json.get("suffix").text());
            case "Replace" ->
                Decoders.replace(
                        PatternReader.read(json.get("pattern")),
                        json.get("content").text());
            case "Strip" ->
                Decoders.strip(
                        json.get("content").character(),
                        json.get("start").integer(0, Integer.MAX_VALUE),
                        json.get("stop").integer(0, Integer.MAX_VALUE));
            case "CTC" ->
                Decoders.temporal(
                        json.get("pad_token").text(),
                        json.get("word_delimiter_token").text(),
                        json.get("cleanup").flag());
            default ->
                throw json.get("type")
                        .unsupported(
                                "Sequence, ByteLevel, ByteFallback, Fuse, WordPiece, Metaspace, BPEDecoder, Replace, Strip"
                                        + " or CTC");
        };
    }
}
