package dev.tenon.text.decode;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.text.normalize.ByteCharacters;
import dev.tenon.text.stage.Decoder;
import dev.tenon.text.stage.Finder;
import dev.tenon.text.stage.Spans;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** The decoders. Each takes a list of tokens and gives one; the text is what the last list spells. */
public final class Decoders {
    private static final int BYTE_TOKEN_LENGTH = 6;
    private static final long EXPANSION = 16;
    private static final int FREE_LENGTH = 1 << 16;
    private static final String REPLACEMENT = "\uFFFD";

    /** The first byte of a surrogate in UTF-8. The second one is at least 0xA0. */
    private static final byte SURROGATE_LEAD = (byte) 0xED;

    /** A byte that UTF-8 never has. */
    private static final byte NO_LEAD = (byte) 0xFF;

    private Decoders() {}

    /** {@return a decoder that puts a space between tokens} */
    public static Decoder spaces() {
        return tokens -> List.of(String.join(" ", tokens));
    }

    /**
     * Several decoders.
     *
     * @param parts the decoders, in order
     * @return a decoder that applies one after the other
     */
    public static Decoder sequence(List<Decoder> parts) {
        List<Decoder> all = List.copyOf(parts);
        return tokens -> {
            long limit = limit(tokens);
            List<String> now = tokens;
            for (Decoder part : all) {
                now = part.decode(now);
                check(length(now), limit);
            }
            return now;
        };
    }

    private static long length(List<String> tokens) {
        long length = 0;
        for (String token : tokens) {
            length += token.length();
        }
        return length;
    }

    // The most code units that decoding may make of tokens.
    private static long limit(List<String> tokens) {
        return EXPANSION * length(tokens) + FREE_LENGTH;
    }

    private static void check(long length, long limit) {
        if (length > limit) {
            throw new ResourceLimitException(
                    "decoded text",
                    "more than " + limit + " characters",
                    null,
                    "check the decoder of the tokenizer file: it makes the text much longer");
        }
    }

    private static Decoder each(UnaryOperator<String> change) {
        return tokens -> tokens.stream().map(change).toList();
    }

    private static Decoder indexed(BiFunction<Integer, String, String> change) {
        return tokens -> {
            List<String> out = new ArrayList<>(tokens.size());
            for (int i = 0; i < tokens.size(); i++) {
                out.add(change.apply(i, tokens.get(i)));
            }
            return out;
        };
    }

    /** {@return a decoder that makes one token of all} */
    public static Decoder fuse() {
        return tokens -> List.of(String.join("", tokens));
    }

    /** {@return a decoder of characters that stand for bytes} */
    public static Decoder byteLevel() {
        return tokens -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (String token : tokens) {
                boolean known = token.codePoints().allMatch(c -> ByteCharacters.byteOf(c) >= 0);
                if (known) {
                    token.chars().forEach(c -> bytes.write(ByteCharacters.byteOf(c)));
                } else {
                    bytes.writeBytes(token.getBytes(StandardCharsets.UTF_8));
                }
            }
            return List.of(text(bytes.toByteArray()));
        };
    }

    /** The text of UTF-8. As in Rust, three characters U+FFFD stand for the three bytes of a surrogate; Java has one. */
    private static String text(byte[] bytes) {
        for (int i = 0; i + 1 < bytes.length; i++) {
            if (bytes[i] == SURROGATE_LEAD && (bytes[i + 1] & 0xE0) == 0xA0) {
                bytes[i] = NO_LEAD;
            }
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** {@return a decoder of tokens such as {@code <0x41>}, which stand for bytes} */
    public static Decoder byteFallback() {
        return tokens -> {
            List<String> out = new ArrayList<>();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (String token : tokens) {
                int b = byteOf(token);
                if (b >= 0) {
                    bytes.write(b);
                } else {
                    flush(bytes, out);
                    out.add(token);
                }
            }
            flush(bytes, out);
            return out;
        };
    }

    private static int byteOf(String token) {
        boolean is = token.length() == BYTE_TOKEN_LENGTH && token.startsWith("<0x") && token.endsWith(">");
        int high = is && token.charAt(3) < 0x80 ? Character.digit(token.charAt(3), 16) : -1;
        int low = is && token.charAt(4) < 0x80 ? Character.digit(token.charAt(4), 16) : -1;
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static void flush(ByteArrayOutputStream bytes, List<String> out) {
        if (bytes.size() == 0) {
            return;
        }
        try {
            out.add(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString());
        } catch (CharacterCodingException notText) {
            for (int i = 0; i < bytes.size(); i++) {
                out.add(REPLACEMENT);
            }
        }
        bytes.reset();
    }

    /**
     * The decoder of WordPiece.
     *
     * @param prefix the prefix of continuing tokens; others get a space before them
     * @param cleanup whether spaces before punctuation and English contractions are removed
     * @return the decoder
     */
    public static Decoder wordPiece(String prefix, boolean cleanup) {
        return indexed((i, token) -> {
            String text = i == 0 ? token : token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
            return cleanup ? cleaned(text) : text;
        });
    }

    private static String cleaned(String text) {
        return text.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" do not", " don't")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }

    /**
     * The decoder of SentencePiece: a space replaces each mark.
     *
     * @param mark the mark
     * @param dropsFirst whether marks of the first token are dropped
     * @return the decoder
     */
    public static Decoder metaspace(String mark, boolean dropsFirst) {
        return indexed((i, token) -> token.replace(mark, i == 0 && dropsFirst ? "" : " "));
    }

    /**
     * The decoder of byte pairs with suffixes.
     *
     * @param suffix the suffix of tokens that end a word; a space replaces it but in the last token
     * @return the decoder
     */
    public static Decoder suffix(String suffix) {
        return tokens -> indexed((i, token) -> token.replace(suffix, i == tokens.size() - 1 ? "" : " "))
                .decode(tokens);
    }

    /**
     * Replaces what matches.
     *
     * @param finder finds the matches
     * @param content the replacement
     * @return the decoder
     */
    public static Decoder replace(Finder finder, String content) {
        return tokens -> {
            long left = limit(tokens);
            Spans spans = new Spans();
            List<String> all = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                String replaced = replaced(token, finder, content, spans, left);
                left -= replaced.length();
                all.add(replaced);
            }
            return all;
        };
    }

    private static String replaced(String token, Finder finder, String content, Spans spans, long limit) {
        if (token.isEmpty()) {
            return token;
        }
        int[] text = token.codePoints().toArray();
        spans.clear();
        finder.find(text, 0, text.length, spans);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < spans.size(); i++) {
            String part = spans.isMatch(i) ? content : new String(text, spans.from(i), spans.to(i) - spans.from(i));
            check(out.length() + (long) part.length(), limit);
            out.append(part);
        }
        return out.toString();
    }

    /**
     * Removes a character at the ends of each token.
     *
     * @param content the character
     * @param start how often at most at the start
     * @param stop how often at most at the end
     * @return the decoder
     */
    public static Decoder strip(int content, int start, int stop) {
        return each(token -> {
            int[] text = token.codePoints().toArray();
            int from = 0;
            while (from < Math.min(start, text.length) && text[from] == content) {
                from++;
            }
            int to = text.length;
            while (to > from && text.length - to < stop && text[to - 1] == content) {
                to--;
            }
            return new String(text, from, to - from);
        });
    }

    /**
     * The decoder of connectionist temporal classification: of equal tokens in a row one stays.
     *
     * @param pad the token that separates equal ones
     * @param delimiter the token for which a space stands, if {@code cleanup}
     * @param cleanup whether spaces before punctuation and English contractions are removed
     * @return the decoder
     */
    public static Decoder temporal(String pad, String delimiter, boolean cleanup) {
        return tokens -> {
            List<String> out = new ArrayList<>();
            String last = null;
            for (String token : tokens) {
                if (!token.equals(last)) {
                    String text = token.replace(pad, "");
                    text = cleanup ? cleaned(text).replace(delimiter, " ") : text;
                    if (!text.isEmpty()) {
                        out.add(text);
                    }
                }
                last = token;
            }
            return out;
        };
    }
}
