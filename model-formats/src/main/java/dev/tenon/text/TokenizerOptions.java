package dev.tenon.text;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.Limits;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

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

    private static final int STANDARD_TEXT_LENGTH =
            Math.clamp(Runtime.getRuntime().maxMemory() / BYTES_FOR_UNIT, 1 << 16, 1 << 22);

    private static final int NO_MAX = Integer.MAX_VALUE;
    private static final TokenizerOptions STANDARD =
            new TokenizerOptions(Limits.defaults(), STANDARD_TEXT_LENGTH, null, null, null, true);

    private final Limits limits;
    private final int maxTextLength;
    /** Null for that of the file. */
    private final Integer maxLength;

    /** Null for one window. */
    private final Integer stride;

    /** Null for that of the file. */
    private final Padding padding;

    private final boolean specialTokens;

    private TokenizerOptions(
            Limits limits,
            int maxTextLength,
            Integer maxLength,
            Integer stride,
            Padding padding,
            boolean specialTokens) {
        this.limits = limits;
        this.maxTextLength = maxTextLength;
        this.maxLength = maxLength;
        this.stride = stride;
        this.padding = padding;
        this.specialTokens = specialTokens;
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
        return new TokenizerOptions(
                Objects.requireNonNull(accepted, "accepted"), maxTextLength, maxLength, stride, padding, specialTokens);
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
        return new TokenizerOptions(
                limits,
                checked("TokenizerOptions.maxTextLength", units, 1, MAX_TEXT_LENGTH),
                maxLength,
                stride,
                padding,
                specialTokens);
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
        return new TokenizerOptions(
                limits,
                maxTextLength,
                checked("TokenizerOptions.maxLength", tokens, 0, NO_MAX - 1),
                stride,
                padding,
                specialTokens);
    }

    /**
     * Removes the maximum length of a row.
     *
     * @return new options
     */
    public TokenizerOptions noMaxLength() {
        return new TokenizerOptions(limits, maxTextLength, NO_MAX, stride, padding, specialTokens);
    }

    /**
     * Asks for all windows of a long text: {@link Encoding#overflowing()} has those after the first.
     *
     * @param overlap the tokens that a window shares with the next one, less than a window has
     * @return new options
     * @throws InvalidOptionException if the number is negative
     */
    public TokenizerOptions windows(int overlap) {
        return new TokenizerOptions(
                limits,
                maxTextLength,
                maxLength,
                checked("TokenizerOptions.windows", overlap, 0, NO_MAX - 1),
                padding,
                specialTokens);
    }

    /**
     * Sets the padding. The file sets the padding token, the side and the rounding of lengths. Without settings the token
     * has id 0 and type id 0, the side is the right one, and lengths are not rounded.
     *
     * @param length the length to which rows are padded
     * @return new options
     */
    public TokenizerOptions padding(Padding length) {
        return new TokenizerOptions(
                limits, maxTextLength, maxLength, stride, Objects.requireNonNull(length, "length"), specialTokens);
    }

    /**
     * Sets whether rows have the special tokens of the model, such as {@code [CLS]} and {@code [SEP]}.
     *
     * @param added whether they have
     * @return new options
     */
    public TokenizerOptions specialTokens(boolean added) {
        return new TokenizerOptions(limits, maxTextLength, maxLength, stride, padding, added);
    }

    private static int checked(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InvalidOptionException(option, String.valueOf(value), least + " to " + most, null);
        }
        return value;
    }

    /**
     * The limits for an untrusted file.
     *
     * @return the limits
     */
    public Limits limits() {
        return limits;
    }

    /**
     * The longest text that is encoded.
     *
     * @return UTF-16 code units
     */
    public int maxTextLength() {
        return maxTextLength;
    }

    /**
     * The maximum length of a row.
     *
     * @return the most tokens of a row; empty for that of the file, or if there is none
     */
    public OptionalInt maxLength() {
        return maxLength == null || maxLength == NO_MAX ? OptionalInt.empty() : OptionalInt.of(maxLength);
    }

    /**
     * Whether the maximum length of the file is removed.
     *
     * @return whether rows have no maximum length
     */
    public boolean isWithoutMaxLength() {
        return maxLength != null && maxLength == NO_MAX;
    }

    /**
     * The tokens that a window of a long text shares with the next one.
     *
     * @return the number of tokens; empty if only the first window is wanted
     */
    public OptionalInt windows() {
        return stride == null ? OptionalInt.empty() : OptionalInt.of(stride);
    }

    /**
     * The padding.
     *
     * @return the length to which rows are padded; empty for that of the file
     */
    public Optional<Padding> padding() {
        return Optional.ofNullable(padding);
    }

    /**
     * Whether rows have the special tokens of the model.
     *
     * @return whether they have
     */
    public boolean hasSpecialTokens() {
        return specialTokens;
    }
}
