package dev.tenon.generation;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A text that a model has written. Immutable.
 *
 * @param text the text, without the prompt, and without the text at which it stopped
 * @param tokens the tokens, without the one that ended the text. Tokens that spell a text at which it stopped are there
 * @param reason why it ended
 * @param stop the text of the request at which it stopped; empty if there was none
 * @param usage how many tokens it took, and how long
 * @param seed the seed of its random numbers: a request with this seed has the same result
 */
public record Generation(
        String text, List<GeneratedToken> tokens, Reason reason, Optional<String> stop, Usage usage, long seed) {
    /** Copies the list. */
    public Generation {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(stop, "stop");
        Objects.requireNonNull(usage, "usage");
        tokens = List.copyOf(tokens);
    }

    /** Why a generation ended. */
    public enum Reason {
        /** The model has ended the text, or a text or token came at which the request stops. */
        STOP,
        /** It has as many tokens as the request allows. */
        LENGTH,
        /** Its {@link dev.tenon.serving.Cancellation} was used. It has what was written until then. */
        CANCELLED
    }

    /**
     * Tokens and time that a generation took.
     *
     * @param promptTokens the tokens of the prompt
     * @param cachedTokens how many of them were in the cache, and were not computed
     * @param generatedTokens the tokens that were generated, without the one that ended the text
     * @param timeToFirstToken from the call to the first token; the whole time if there was none
     * @param time from the call to the end
     */
    public record Usage(
            int promptTokens, int cachedTokens, int generatedTokens, Duration timeToFirstToken, Duration time) {
        private static final double NANOS = 1e9;

        /** {@return the tokens a second after the first one; 0 if there are fewer than two} */
        public double tokensPerSecond() {
            long nanos = time.minus(timeToFirstToken).toNanos();
            return generatedTokens < 2 || nanos <= 0 ? 0 : (generatedTokens - 1) * NANOS / nanos;
        }
    }

    /** {@return the ids of the tokens} */
    public int[] tokenIds() {
        return tokens.stream().mapToInt(GeneratedToken::id).toArray();
    }
}
