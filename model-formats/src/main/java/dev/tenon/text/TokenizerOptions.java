package dev.tenon.text;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.Limits;
import dev.tenon.options.Settings;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Options of a tokenizer. What is not set is as the file of the tokenizer says. Immutable and safe for any number of
 * threads; each setter returns new options.
 *
 * <pre>{@code
 * Tokenizer tokenizer = Tokenizer.load(path, TokenizerOptions.standard().maxLength(256).padding(Padding.longest()));
 * }</pre>
 */
public final class TokenizerOptions {
    private static final int MAX_TEXT_LENGTH = 1 << 26;

    /** More heap than encoding takes for a code unit. */
    private static final int BYTES_FOR_UNIT = 512;

    private static final int NO_MAX = Integer.MAX_VALUE;
    private static final TokenizerOptions STANDARD = new TokenizerOptions(new Values());

    private static final class Values extends Settings<Values> {
        private Limits limits = Limits.standard();
        private int maxTextLength = Math.clamp(Runtime.getRuntime().maxMemory() / BYTES_FOR_UNIT, 1 << 16, 1 << 22);
        /** Null for that of the file. */
        private Integer maxLength;

        /** Null for one window. */
        private Integer stride;

        /** Null for that of the file. */
        private Padding padding;

        private boolean specialTokens = true;
    }

    private final Values settings;

    private TokenizerOptions(Values settings) {
        this.settings = settings;
    }

    private TokenizerOptions with(Consumer<Values> change) {
        return new TokenizerOptions(settings.with(change));
    }

    /**
     * The standard options: truncation and padding of the file, one window of a long text, special tokens, texts of at most
     * one UTF-16 code unit for every 512 bytes of the maximum heap, at least 65,536 and at most 4,194,304.
     *
     * @return the options
     */
    public static TokenizerOptions standard() {
        return STANDARD;
    }

    /**
     * Sets what is accepted from an untrusted file: its size, the number of its values, their nesting, the length of texts.
     *
     * @param accepted the limits
     * @return new options
     */
    public TokenizerOptions limits(Limits accepted) {
        Objects.requireNonNull(accepted, "accepted");
        return with(s -> s.limits = accepted);
    }

    /**
     * Sets the longest text that is encoded. Encoding takes up to 150 bytes of heap for a code unit of Latin text, and up to
     * 400 for a character of three bytes in a model of bytes.
     *
     * @param units UTF-16 code units, 1 to 67,108,864
     * @return new options
     * @throws InvalidOptionException if the number is out of range
     */
    public TokenizerOptions maxTextLength(int units) {
        check("TokenizerOptions.maxTextLength", units, 1, MAX_TEXT_LENGTH);
        return with(s -> s.maxTextLength = units);
    }

    /**
     * Sets the maximum length of a row. The file says which text is cut, and on which side. Without such a setting the
     * longer text of a pair is cut, on the right side.
     *
     * @param tokens the most tokens of a row, special tokens included; at least the number of special tokens
     * @return new options
     * @throws InvalidOptionException if the number is negative
     */
    public TokenizerOptions maxLength(int tokens) {
        check("TokenizerOptions.maxLength", tokens, 0, NO_MAX - 1);
        return with(s -> s.maxLength = tokens);
    }

    /**
     * Removes the maximum length of a row.
     *
     * @return new options
     */
    public TokenizerOptions noMaxLength() {
        return with(s -> s.maxLength = NO_MAX);
    }

    /**
     * Asks for all windows of a long text: {@link Encoding#overflowing()} has those after the first.
     *
     * @param overlap the tokens that a window shares with the next one, less than a window has
     * @return new options
     * @throws InvalidOptionException if the number is negative
     */
    public TokenizerOptions windows(int overlap) {
        check("TokenizerOptions.windows", overlap, 0, NO_MAX - 1);
        return with(s -> s.stride = overlap);
    }

    /**
     * Sets the padding. The file sets the padding token, the side and the rounding of lengths. Without settings the token
     * has id 0 and type id 0, the side is the right one, and lengths are not rounded.
     *
     * @param length the length to which rows are padded
     * @return new options
     */
    public TokenizerOptions padding(Padding length) {
        Objects.requireNonNull(length, "length");
        return with(s -> s.padding = length);
    }

    /**
     * Sets whether rows have the special tokens of the model, such as {@code [CLS]} and {@code [SEP]}.
     *
     * @param added whether they have
     * @return new options
     */
    public TokenizerOptions specialTokens(boolean added) {
        return with(s -> s.specialTokens = added);
    }

    private static void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InvalidOptionException(option, String.valueOf(value), least + " to " + most, null);
        }
    }

    /**
     * The limits for an untrusted file.
     *
     * @return the limits
     */
    public Limits limits() {
        return settings.limits;
    }

    /**
     * The longest text that is encoded.
     *
     * @return UTF-16 code units
     */
    public int maxTextLength() {
        return settings.maxTextLength;
    }

    /**
     * The maximum length of a row.
     *
     * @return the most tokens of a row; empty for that of the file, or if there is none
     */
    public OptionalInt maxLength() {
        return settings.maxLength == null || settings.maxLength == NO_MAX
                ? OptionalInt.empty()
                : OptionalInt.of(settings.maxLength);
    }

    /**
     * Whether the maximum length of the file is removed.
     *
     * @return whether rows have no maximum length
     */
    public boolean isWithoutMaxLength() {
        return settings.maxLength != null && settings.maxLength == NO_MAX;
    }

    /**
     * The tokens that a window of a long text shares with the next one.
     *
     * @return the number of tokens; empty if only the first window is wanted
     */
    public OptionalInt windows() {
        return settings.stride == null ? OptionalInt.empty() : OptionalInt.of(settings.stride);
    }

    /**
     * The padding.
     *
     * @return the length to which rows are padded; empty for that of the file
     */
    public Optional<Padding> padding() {
        return Optional.ofNullable(settings.padding);
    }

    /**
     * Whether rows have the special tokens of the model.
     *
     * @return whether they have
     */
    public boolean hasSpecialTokens() {
        return settings.specialTokens;
    }
}
