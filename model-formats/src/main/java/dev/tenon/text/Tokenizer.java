package dev.tenon.text;

import dev.tenon.budget.JvmLimits;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.StreamSource;
import dev.tenon.text.file.TokenizerFile;
import dev.tenon.text.model.AddedTokens;
import dev.tenon.text.post.PaddingRule;
import dev.tenon.text.post.Truncation;
import dev.tenon.text.stage.AlignedText;
import dev.tenon.text.stage.Pieces;
import dev.tenon.text.stage.TokenList;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Turns text into token ids and back. A {@code tokenizer.json}, the format of Hugging Face's {@code tokenizers}, has all
 * settings; ids and offsets equal those of {@code tokenizers} for the same file. So has a GGUF file: its tokenizer is read where one
 * is given instead.
 *
 * <p>Models: WordPiece, BPE (of bytes, and with tokens for bytes), Unigram, WordLevel, with the normalizers,
 * pre-tokenizers, post-processors and decoders that {@code docs/text-and-images.md} lists. An unpaired surrogate in a text
 * counts as U+FFFD. A tokenizer is immutable and safe for any number of threads.
 *
 * <pre>{@code
 * Tokenizer tokenizer = Tokenizer.load(Path.of("tokenizer.json"), TokenizerOptions.standard().padding(Padding.longest()));
 * Batch batch = tokenizer.encodeBatch(List.of("Hello", "How are you?"));
 * Outputs outputs = model.predict(batch.tensors(model.inputs().stream().map(ValueInfo::name).toList()));
 * }</pre>
 */
public final class Tokenizer {
    private final TokenizerFile file;
    private final TokenizerOptions options;
    private final Optional<Truncation> truncation;
    private final PaddingRule padding;
    private final RowMaker rows;

    private Tokenizer(TokenizerFile file, TokenizerOptions options) {
        this.file = file;
        this.options = options;
        this.truncation = truncation(file, options);
        this.padding = padding(file.padding(), options);
        this.rows = new RowMaker(file, truncation, options.windows().isPresent(), options.hasSpecialTokens());
        checkRoom(false);
    }

    /**
     * Reads a tokenizer file, with the standard options.
     *
     * @param tokenizerJson the file
     * @return the tokenizer
     * @throws dev.tenon.formats.ModelFileException if the file cannot be read
     * @throws dev.tenon.formats.MalformedModelException if it is neither JSON nor GGUF, or no description of a tokenizer; the message has
     *     the path of the value
     * @throws dev.tenon.formats.UnsupportedModelException if it has a part that is not supported
     * @throws ResourceLimitException if it exceeds a limit
     */
    public static Tokenizer load(Path tokenizerJson) {
        return load(tokenizerJson, TokenizerOptions.standard());
    }

    /**
     * Reads a tokenizer file.
     *
     * @param tokenizerJson the file
     * @param options the options
     * @return the tokenizer
     * @throws dev.tenon.formats.ModelFileException if the file cannot be read
     * @throws dev.tenon.formats.MalformedModelException if it is neither JSON nor GGUF, or no description of a tokenizer; the message has
     *     the path of the value
     * @throws dev.tenon.formats.UnsupportedModelException if it has a part that is not supported
     * @throws ResourceLimitException if it exceeds a limit
     * @throws InvalidOptionException if the maximum length is less than the number of special tokens
     */
    public static Tokenizer load(Path tokenizerJson, TokenizerOptions options) {
        return read(tokenizerJson.toString(), () -> ModelBytes.map(tokenizerJson, options.limits()), options);
    }

    /**
     * Reads a tokenizer from the bytes of a file.
     *
     * @param tokenizerJson the bytes, which are not needed afterwards
     * @param options the options
     * @return the tokenizer
     * @throws dev.tenon.error.TenonException as {@link #load(Path, TokenizerOptions)} says
     */
    public static Tokenizer load(ModelBytes tokenizerJson, TokenizerOptions options) {
        return read(tokenizerJson.name(), () -> tokenizerJson, options);
    }

    /**
     * Reads a tokenizer from a stream, to its end, with the standard options. The stream is not closed.
     *
     * @param tokenizerJson the stream
     * @return the tokenizer
     * @throws dev.tenon.error.TenonException as {@link #load(Path, TokenizerOptions)} says
     */
    public static Tokenizer load(InputStream tokenizerJson) {
        return load(tokenizerJson, TokenizerOptions.standard());
    }

    /**
     * Reads a tokenizer from a stream, to its end. The stream is not closed.
     *
     * @param tokenizerJson the stream
     * @param options the options
     * @return the tokenizer
     * @throws dev.tenon.error.TenonException as {@link #load(Path, TokenizerOptions)} says
     */
    public static Tokenizer load(InputStream tokenizerJson, TokenizerOptions options) {
        Objects.requireNonNull(tokenizerJson, "tokenizerJson");
        String name = "tokenizer from a stream";
        return read(name, () -> ModelBytes.copy(name, tokenizerJson, options.limits()), options);
    }

    /**
     * Reads a tokenizer from a source of a stream, such as a resource in a jar, with the standard options. The stream is opened,
     * read and closed.
     *
     * @param name what error messages call it
     * @param tokenizerJson opens the stream
     * @return the tokenizer
     * @throws dev.tenon.error.TenonException as {@link #load(Path, TokenizerOptions)} says
     */
    public static Tokenizer load(String name, StreamSource tokenizerJson) {
        return load(name, tokenizerJson, TokenizerOptions.standard());
    }

    /**
     * Reads a tokenizer from a source of a stream. The stream is opened, read and closed.
     *
     * @param name what error messages call it
     * @param tokenizerJson opens the stream
     * @param options the options
     * @return the tokenizer
     * @throws dev.tenon.error.TenonException as {@link #load(Path, TokenizerOptions)} says
     */
    public static Tokenizer load(String name, StreamSource tokenizerJson, TokenizerOptions options) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(tokenizerJson, "tokenizerJson");
        return read(name, () -> ModelBytes.copy(name, tokenizerJson, options.limits()), options);
    }

    private static Tokenizer read(String name, Supplier<ModelBytes> bytes, TokenizerOptions options) {
        return ModelBytes.guarded(
                name, () -> new Tokenizer(TokenizerFile.read(bytes.get(), options.limits()), options));
    }

    /** Encodes or decodes. Memory that runs out meanwhile ends in a typed exception. */
    private static <T> T guarded(Supplier<T> work) {
        return JvmLimits.typed(
                "text of a tokenizer",
                "use fewer or shorter texts at a time, bound them by TokenizerOptions.maxTextLength, or raise -Xmx",
                work);
    }

    private static Optional<Truncation> truncation(TokenizerFile file, TokenizerOptions options) {
        if (options.isWithoutMaxLength()) {
            return Optional.empty();
        }
        Optional<Truncation> set = file.truncation();
        if (options.maxLength().isPresent()) {
            int most = options.maxLength().getAsInt();
            set = Optional.of(set.map(old -> new Truncation(most, old.fromLeft(), old.strategy(), old.stride()))
                    .orElse(new Truncation(most, false, Truncation.Strategy.LONGEST_FIRST, 0)));
        }
        OptionalInt stride = options.windows();
        return stride.isEmpty()
                ? set
                : set.map(old -> new Truncation(old.maxLength(), old.fromLeft(), old.strategy(), stride.getAsInt()));
    }

    private static PaddingRule padding(PaddingRule old, TokenizerOptions options) {
        if (options.padding().isEmpty()) {
            return old;
        }
        return switch (options.padding().get()) {
            case Padding.None none -> new PaddingRule(PaddingRule.Kind.NONE, 0, false, 0, 0, 0);
            case Padding.Longest any ->
                new PaddingRule(PaddingRule.Kind.LONGEST, 0, old.onLeft(), old.multiple(), old.id(), old.typeId());
            case Padding.Fixed fixed ->
                new PaddingRule(
                        PaddingRule.Kind.FIXED, fixed.length(), old.onLeft(), old.multiple(), old.id(), old.typeId());
        };
    }

    private void checkRoom(boolean pair) {
        int needed = rows.specials(pair);
        if (truncation.isPresent() && truncation.get().maxLength() < needed) {
            throw new InvalidOptionException(
                    "maximum length",
                    String.valueOf(truncation.get().maxLength()),
                    "at least the " + needed + " special tokens",
                    "raise it with TokenizerOptions.maxLength");
        }
    }

    /**
     * The same tokenizer with other options. What they do not set is as the file says.
     *
     * @param other the options; their limits do not count
     * @return a tokenizer that shares the vocabulary of this one
     * @throws InvalidOptionException if the maximum length is less than the number of special tokens
     */
    public Tokenizer with(TokenizerOptions other) {
        return new Tokenizer(file, other);
    }

    /** {@return the options} */
    public TokenizerOptions options() {
        return options;
    }

    /** {@return the most tokens of a row, special tokens included; empty if there is no maximum} */
    public OptionalInt maxLength() {
        return truncation.isPresent() ? OptionalInt.of(truncation.get().maxLength()) : OptionalInt.empty();
    }

    /** {@return the padding, that of the file if the options have none} */
    public Padding padding() {
        return switch (padding.kind()) {
            case NONE -> Padding.none();
            case LONGEST -> Padding.longest();
            case FIXED -> Padding.fixed(padding.fixed());
        };
    }

    /** {@return the id of the token that fills short rows, as the file says; 0 if it does not} */
    public int paddingId() {
        return file.padding().id();
    }

    /**
     * Encodes a text, truncated and padded.
     *
     * @param text the text, at most {@link TokenizerOptions#maxTextLength()} code units; may be empty
     * @return its tokens
     * @throws InvalidInputException if the text is too long, if it must be truncated but the strategy of the file
     *     truncates only the second text of a pair, or if the model can't spell it: a Unigram model whose {@code unk_id} is
     *     null, and which has no tokens for bytes
     * @throws ResourceLimitException if the file makes the text much longer, an expression tries too many
     *     ways to match, padding makes more than {@link Batch#MAX_TOKENS} tokens, or the heap is too small
     */
    public Encoding encode(String text) {
        return guarded(() -> padded(rows.make(side(text), null)));
    }

    /**
     * Encodes a pair of texts, truncated and padded.
     *
     * @param first the first text, at most {@link TokenizerOptions#maxTextLength()} code units; may be empty
     * @param second the second text, with the same limit
     * @return their tokens; type ids tell which text a token belongs to
     * @throws InvalidInputException if a text is too long, if the strategy of the file cannot truncate the pair enough, or
     *     if the model can't spell a text, as {@link #encode(String)} says
     * @throws InvalidOptionException if the maximum length is less than the number of special tokens of a pair
     */
    public Encoding encode(String first, String second) {
        checkRoom(true);
        return guarded(() -> padded(rows.make(side(first), side(second))));
    }

    /**
     * Encodes texts, truncated and padded: with {@link Padding#longest()} to the longest of them.
     *
     * @param texts the texts, each at most {@link TokenizerOptions#maxTextLength()} code units
     * @return the tokens of each text
     * @throws InvalidInputException as {@link #encode(String)} says
     * @throws ResourceLimitException if the padded rows have more than {@link Batch#MAX_TOKENS} tokens in all, windows
     *     included, or as {@link #encode(String)} says
     */
    public List<Encoding> encodeAll(List<String> texts) {
        return guarded(() -> {
            List<Encoding> all = new ArrayList<>(texts.size());
            for (String text : texts) {
                all.add(rows.make(side(text), null));
            }
            return paddedAll(all);
        });
    }

    /**
     * Encodes pairs of texts, truncated and padded: with {@link Padding#longest()} to the longest of them.
     *
     * @param firsts the first texts, each at most {@link TokenizerOptions#maxTextLength()} code units
     * @param seconds the second texts, as many, with the same limit
     * @return the tokens of each pair
     * @throws InvalidInputException if there are not as many second texts as first ones, or as
     *     {@link #encode(String, String)} says
     * @throws InvalidOptionException if the maximum length is less than the number of special tokens of a pair
     */
    public List<Encoding> encodeAll(List<String> firsts, List<String> seconds) {
        if (firsts.size() != seconds.size()) {
            throw new InvalidInputException(
                    "pairs of texts",
                    firsts.size() + " first texts, " + seconds.size() + " second texts",
                    "as many of both",
                    null);
        }
        checkRoom(true);
        return guarded(() -> {
            List<Encoding> all = new ArrayList<>(firsts.size());
            for (int i = 0; i < firsts.size(); i++) {
                all.add(rows.make(side(firsts.get(i)), side(seconds.get(i))));
            }
            return paddedAll(all);
        });
    }

    /**
     * Encodes texts as a batch: {@link Batch#of} of {@link #encodeAll(List)}.
     *
     * @param texts the texts, each at most {@link TokenizerOptions#maxTextLength()} code units
     * @return a row for each text; a batch of 0 rows of 0 tokens if there are no texts
     * @throws InvalidInputException if rows differ in length after padding, or as {@link #encode(String)} says
     * @throws ResourceLimitException if the batch has more than {@link Batch#MAX_TOKENS} tokens
     */
    public Batch encodeBatch(List<String> texts) {
        return guarded(() -> Batch.of(encodeAll(texts)));
    }

    /**
     * Makes text of token ids, without special tokens.
     *
     * @param ids the ids; those that no token has are left out
     * @return the text
     */
    public String decode(int... ids) {
        return decode(ids, false);
    }

    /**
     * Makes text of token ids.
     *
     * @param ids the ids; those that no token has are left out
     * @param withSpecialTokens whether the text has special tokens
     * @return the text
     * @throws ResourceLimitException if the decoder of the file makes the text much longer, or the heap is too small
     */
    public String decode(int[] ids, boolean withSpecialTokens) {
        return guarded(() -> {
            List<String> tokens = new ArrayList<>(ids.length);
            for (int id : ids) {
                String token = file.token(id);
                if (token != null && (withSpecialTokens || isShown(id))) {
                    tokens.add(token);
                }
            }
            return tokens.isEmpty() ? "" : String.join("", file.decoder().decode(tokens));
        });
    }

    /**
     * Makes text of token ids that come one after the other, without special tokens.
     *
     * @return a stream at the start of a text
     */
    public DecodeStream decodeStream() {
        return new DecodeStream(this);
    }

    /** Whether decoding makes text of an id. */
    boolean isShown(int id) {
        return file.token(id) != null && !file.added().special().contains(id);
    }

    /**
     * The id of a token.
     *
     * @param token its text in the vocabulary, such as {@code ##ing} or {@code [CLS]}
     * @return the id; empty if there is no such token
     */
    public OptionalInt id(String token) {
        Integer added = file.added().ids().get(token);
        int id = added == null ? file.model().vocabulary().id(token) : added;
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /**
     * The token of an id.
     *
     * @param id any number
     * @return its text in the vocabulary; empty if there is no such token
     */
    public Optional<String> token(int id) {
        return Optional.ofNullable(file.token(id));
    }

    private Encoding padded(Encoding row) {
        return paddedAll(List.of(row)).getFirst();
    }

    private List<Encoding> paddedAll(List<Encoding> all) {
        int longest = all.stream().mapToInt(Encoding::length).max().orElse(0);
        int target = padding.target(longest);
        long padded = 0;
        for (Encoding row : all) {
            padded += row.rowsShorterThan(target) * (long) target;
        }
        if (padded > Batch.MAX_TOKENS) {
            throw new ResourceLimitException(
                    "rows that are padded to " + target + " tokens",
                    padded + " tokens",
                    "at most " + Batch.MAX_TOKENS,
                    "encode fewer texts at a time, or change the padding with TokenizerOptions.padding");
        }
        return all.stream()
                .map(row -> row.padded(target, padding.onLeft(), padding.id(), padding.typeId()))
                .toList();
    }

    private RowMaker.Side side(String text) {
        if (text == null) {
            throw new InvalidInputException(
                    "text", "null", "a text, which may be empty", "leave texts that are not there out");
        }
        if (text.length() > options.maxTextLength()) {
            throw new InvalidInputException(
                    "text",
                    text.length() + " UTF-16 code units",
                    "at most " + options.maxTextLength(),
                    "cut it into several texts, or raise TokenizerOptions.maxTextLength");
        }
        AlignedText original = AlignedText.of(text);
        Pieces pieces = pieces(original, text.length());
        file.preTokenizer().split(pieces);
        TokenList tokens = new TokenList();
        for (int i = 0; i < pieces.size(); i++) {
            tokens.begin(pieces.text(), i);
            if (pieces.id(i) == Pieces.NO_TOKEN) {
                file.model().tokenize(pieces.text().codePoints(), pieces.from(i), pieces.to(i), tokens);
            } else {
                tokens.addPiece(pieces.id(i), pieces.from(i), pieces.to(i));
            }
        }
        return new RowMaker.Side(tokens, units(text, original.length()));
    }

    // Tokens that are found in the text, then normalization of what is between them, then tokens that are found in
    // that.
    private Pieces pieces(AlignedText original, int textLength) {
        int limit = AlignedText.limit(textLength);
        Pieces pieces = new Pieces(limit);
        AlignedText scratch = new AlignedText(limit);
        AddedTokens.Sink normalized = new AddedTokens.Sink() {
            @Override
            public void text(int from, int to) {
                pieces.add(scratch, from, to, Pieces.NO_TOKEN);
            }

            @Override
            public void token(int from, int to, int id) {
                pieces.add(scratch, from, to, id);
            }
        };
        file.rawTokens().split(original.codePoints(), 0, original.length(), new AddedTokens.Sink() {
            @Override
            public void text(int from, int to) {
                scratch.reset(original.from(from));
                scratch.append(original, from, to);
                file.normalizer().normalize(scratch);
                file.normalizedTokens().split(scratch.codePoints(), 0, scratch.length(), normalized);
            }

            @Override
            public void token(int from, int to, int id) {
                pieces.add(original, from, to, id);
            }
        });
        return pieces;
    }

    private static int[] units(String text, int codePoints) {
        if (text.length() == codePoints) {
            return null;
        }
        int[] units = new int[codePoints + 1];
        int at = 0;
        for (int i = 0; i < codePoints; i++) {
            units[i] = at;
            at += Character.charCount(text.codePointAt(at));
        }
        units[codePoints] = at;
        return units;
    }
}
