package dev.tenon.samples.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokenizer of BERT models. It cleans and normalizes a text, cuts it into words at white space and punctuation, and
 * cuts words into tokens of a vocabulary. A Hugging Face {@code tokenizer.json} has all settings. The ids are equal to
 * those of Hugging Face's {@code tokenizers} for the same file.
 *
 * <p>An unpaired surrogate in a text counts as U+FFFD. A tokenizer is immutable and safe for any number of threads.
 */
public final class WordPieceTokenizer {
    /** The most UTF-16 code units of a text. */
    public static final int MAX_TEXT_LENGTH = 1 << 24;

    /** The most tokens of a batch, padding included. */
    public static final int MAX_BATCH_TOKENS = 1 << 24;

    /** The most bytes of a tokenizer file. */
    public static final int MAX_FILE_BYTES = 64 << 20;

    private final TokenizerFile file;
    private final Optional<Truncation> truncation;
    private final PaddingRule padding;

    private WordPieceTokenizer(TokenizerFile file, Optional<Truncation> truncation, PaddingRule padding) {
        this.file = file;
        this.truncation = truncation;
        this.padding = padding;
        truncation.ifPresent(rule -> room(rule, file.single()));
    }

    /**
     * Reads a tokenizer file. The tokenizer has the truncation and the padding of the file.
     *
     * @param tokenizerJson the file, at most {@link #MAX_FILE_BYTES} bytes
     * @return the tokenizer
     * @throws IOException if the file cannot be read
     * @throws TokenizerException if it is not JSON, or not the description of a BERT WordPiece tokenizer
     */
    public static WordPieceTokenizer load(Path tokenizerJson) throws IOException {
        String name = "tokenizer file '" + tokenizerJson.getFileName() + "'";
        byte[] bytes;
        try (InputStream in = Files.newInputStream(tokenizerJson)) {
            bytes = in.readNBytes(MAX_FILE_BYTES + 1);
        }
        if (bytes.length > MAX_FILE_BYTES) {
            throw new TokenizerException(
                    name, "more than " + MAX_FILE_BYTES + " bytes", "at most " + MAX_FILE_BYTES + " bytes", null);
        }
        TokenizerFile file = TokenizerFile.of(JsonValue.read(name, bytes));
        return new WordPieceTokenizer(file, file.truncation(), file.padding());
    }

    /**
     * The same tokenizer with another maximum length. The file says on which side texts are cut; without a setting that
     * is the right side.
     *
     * @param tokens the most tokens of a row, special tokens included; at least the number of special tokens
     * @return a tokenizer
     * @throws TokenizerException if there are more special tokens than that
     */
    public WordPieceTokenizer withMaxLength(int tokens) {
        Truncation now = truncation
                .or(file::truncation)
                .orElse(new Truncation(tokens, false, Truncation.Strategy.LONGEST_FIRST));
        return new WordPieceTokenizer(
                file, Optional.of(new Truncation(tokens, now.fromLeft(), now.strategy())), padding);
    }

    /** {@return the same tokenizer without a maximum length} */
    public WordPieceTokenizer withoutMaxLength() {
        return new WordPieceTokenizer(file, Optional.empty(), padding);
    }

    /**
     * The same tokenizer with another padding. The file sets the padding token, the side and the rounding of lengths.
     * Without settings the token has id 0 and type id 0, the side is the right one, and lengths are not rounded.
     *
     * @param other the padding
     * @return a tokenizer
     */
    public WordPieceTokenizer withPadding(Padding other) {
        return new WordPieceTokenizer(file, truncation, padding.with(other));
    }

    /** {@return the most tokens of a row, special tokens included; empty if there is no maximum} */
    public OptionalInt maxLength() {
        return truncation.isPresent() ? OptionalInt.of(truncation.get().maxLength()) : OptionalInt.empty();
    }

    /** {@return the padding} */
    public Padding padding() {
        return padding.padding();
    }

    /**
     * Encodes a text with special tokens, truncated and padded.
     *
     * @param text the text, at most {@link #MAX_TEXT_LENGTH} code units; may be empty
     * @return its tokens
     * @throws TokenizerException if the text is too long, or if it must be truncated but the strategy of the file
     *     truncates only the second text of a pair
     */
    public Encoding encode(String text) {
        return padded(row(text));
    }

    /**
     * Encodes a pair of texts with special tokens, truncated and padded.
     *
     * @param first the first text, at most {@link #MAX_TEXT_LENGTH} code units; may be empty
     * @param second the second text, with the same limit
     * @return their tokens; type ids tell which text a token belongs to
     * @throws TokenizerException if a text is too long, if the maximum length is less than the special tokens of a
     *     pair, or if the strategy of the file cannot truncate the pair enough
     */
    public Encoding encode(String first, String second) {
        Template.Slice[] slices = slices(tokens(first, Integer.MAX_VALUE), tokens(second, Integer.MAX_VALUE));
        return padded(file.pair().fill(slices[0], slices[1]));
    }

    /**
     * Encodes texts as rows of the same length.
     *
     * @param texts the texts, each at most {@link #MAX_TEXT_LENGTH} code units
     * @return a row for each text; a batch of 0 rows of 0 tokens if there are no texts
     * @throws TokenizerException if a text is too long, if rows differ in length after padding, or if the batch has
     *     more than {@link #MAX_BATCH_TOKENS} tokens
     */
    public Batch encodeBatch(List<String> texts) {
        List<Encoding> rows = new ArrayList<>(texts.size());
        int longest = 0;
        long held = 0;
        for (String text : texts) {
            Encoding row = row(text);
            rows.add(row);
            longest = Math.max(longest, row.length());
            held += row.length();
            checkBatch(held, rows.size());
        }
        int length = rows.isEmpty() ? 0 : Math.max(longest, padding.target(longest));
        checkBatch((long) length * rows.size(), rows.size());
        Batch batch = new Batch(
                rows.size(),
                length,
                new long[rows.size() * length],
                new long[rows.size() * length],
                new long[rows.size() * length]);
        Encoding out = new Encoding(batch.ids(), batch.attentionMask(), batch.typeIds());
        for (int i = 0; i < rows.size(); i++) {
            int own = Math.max(rows.get(i).length(), padding.target(longest));
            if (own != length) {
                throw new TokenizerException(
                        "batch of " + rows.size() + " texts",
                        "text " + i + " has " + own + " tokens, another text has " + length,
                        "rows of the same length",
                        "use withPadding(Padding.longest())");
            }
            padding.write(rows.get(i), length, out, i * length);
        }
        return batch;
    }

    private static void checkBatch(long tokens, int texts) {
        if (tokens > MAX_BATCH_TOKENS) {
            throw new TokenizerException(
                    "batch of " + texts + " texts",
                    tokens + " tokens",
                    "at most " + MAX_BATCH_TOKENS,
                    "use smaller batches or a smaller withMaxLength");
        }
    }

    private Encoding padded(Encoding row) {
        int length = padding.target(row.length());
        if (length <= row.length()) {
            return row;
        }
        Encoding out = new Encoding(new long[length], new long[length], new long[length]);
        padding.write(row, length, out, 0);
        return out;
    }

    private Encoding row(String text) {
        int enough = Integer.MAX_VALUE;
        if (truncation.isPresent()
                && !truncation.get().fromLeft()
                && truncation.get().strategy() != Truncation.Strategy.ONLY_SECOND) {
            enough = room(truncation.get(), file.single());
        }
        Template.Slice slice = slices(tokens(text, enough), null)[0];
        return file.single().fill(slice, slice);
    }

    // Truncates one text, or two if second is not null.
    private Template.Slice[] slices(IdList first, IdList second) {
        boolean pair = second != null;
        int[] kept = {first.size(), pair ? second.size() : 0};
        boolean fromLeft = false;
        if (truncation.isPresent()) {
            Truncation rule = truncation.get();
            kept = rule.kept(kept[0], kept[1], pair, room(rule, pair ? file.pair() : file.single()));
            fromLeft = rule.fromLeft();
        }
        return new Template.Slice[] {slice(first, kept[0], fromLeft), pair ? slice(second, kept[1], fromLeft) : null};
    }

    private static Template.Slice slice(IdList ids, int kept, boolean fromLeft) {
        int from = fromLeft ? ids.size() - kept : 0;
        return new Template.Slice(ids, from, from + kept);
    }

    private static int room(Truncation rule, Template template) {
        if (rule.maxLength() < template.specials()) {
            throw new TokenizerException(
                    "maximum length",
                    String.valueOf(rule.maxLength()),
                    "at least the " + template.specials() + " special tokens",
                    "raise it with withMaxLength");
        }
        return rule.maxLength() - template.specials();
    }

    private IdList tokens(String text, int enough) {
        if (text.length() > MAX_TEXT_LENGTH) {
            throw new TokenizerException(
                    "text", text.length() + " characters", "at most " + MAX_TEXT_LENGTH, "cut it into several texts");
        }
        IdList out = new IdList(enough);
        char[] raw = wellFormed(text);
        file.rawTokens().split(raw, raw.length, new AddedTokens.Sink() {
            @Override
            public boolean text(int from, int to) {
                Chars normalized = file.normalizer().normalize(raw, from, to);
                file.normalizedTokens().split(normalized.array(), normalized.length(), new Words(normalized, out));
                return !out.isFull();
            }

            @Override
            public boolean token(int id) {
                out.add(id);
                return !out.isFull();
            }
        });
        return out;
    }

    /** Cuts normalized text into words. White space is dropped; a punctuation mark is a word of its own. */
    private final class Words implements AddedTokens.Sink {
        private final char[] text;
        private final IdList out;

        Words(Chars normalized, IdList out) {
            this.text = normalized.array();
            this.out = out;
        }

        @Override
        public boolean text(int from, int to) {
            int word = from;
            for (int i = from; i < to && !out.isFull(); ) {
                int c = Character.codePointAt(text, i, to);
                int next = i + Character.charCount(c);
                boolean punctuation = BertCharacters.isPunctuation(c);
                if (punctuation || BertCharacters.isWhiteSpace(c)) {
                    if (word < i) {
                        file.model().encode(text, word, i, out);
                    }
                    if (punctuation) {
                        file.model().encode(text, i, next, out);
                    }
                    word = next;
                }
                i = next;
            }
            if (word < to && !out.isFull()) {
                file.model().encode(text, word, to, out);
            }
            return !out.isFull();
        }

        @Override
        public boolean token(int id) {
            out.add(id);
            return !out.isFull();
        }
    }

    private static char[] wellFormed(String text) {
        char[] chars = text.toCharArray();
        for (int i = 0; i < chars.length; i++) {
            if (!Character.isSurrogate(chars[i])) {
                continue;
            }
            if (Character.isHighSurrogate(chars[i]) && i + 1 < chars.length && Character.isLowSurrogate(chars[i + 1])) {
                i++;
            } else {
                chars[i] = '\uFFFD';
            }
        }
        return chars;
    }
}
