package dev.tenon.generation;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.options.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A prompt that a model continues, with limits, stops and sampling. Immutable and safe for any number of threads; each setter returns a new request.
 *
 * <pre>{@code
 * GenerationRequest request = GenerationRequest.text("The three primary colours are")
 *     .sampling(Sampling.temperature(0.7).topP(0.9).seed(42))
 *     .maxTokens(64)
 *     .stop("\n\n");
 * }</pre>
 */
public final class GenerationRequest {
    /** The most texts at which a generation stops. */
    public static final int MAX_STOPS = 64;

    private static final class Values extends Settings<Values> {
        /** Null if there are tokens. */
        private String text;

        private int[] tokens = {};
        private Sampling sampling = Sampling.greedy();
        private int maxTokens = 256;
        private List<String> stops = List.of();
        private Set<Integer> stopTokens = Set.of();
    }

    private final Values settings;

    private GenerationRequest(Values settings) {
        this.settings = settings;
    }

    private GenerationRequest with(Consumer<Values> change) {
        return new GenerationRequest(settings.with(change));
    }

    /**
     * A request to go on with a text. The token that begins texts comes before it, if the tokenizer of the model says so and the text
     * does not begin with it. Special tokens are found in the text: a text of a stranger can forge them.
     *
     * @param prompt the text, which may be empty if the model has a token that begins texts
     * @return a request with the token of the largest logit at each place, at most 256 tokens, and no stops
     */
    public static GenerationRequest text(String prompt) {
        Objects.requireNonNull(prompt, "prompt");
        return new GenerationRequest(new Values()).with(s -> s.text = prompt);
    }

    /**
     * A request to go on with tokens, to which nothing is added.
     *
     * @param prompt the ids, at least one
     * @return a request as {@link #text} makes it
     */
    public static GenerationRequest tokens(int... prompt) {
        int[] copy = prompt.clone();
        return new GenerationRequest(new Values()).with(s -> s.tokens = copy);
    }

    /**
     * Sets how tokens are chosen. The standard is {@link Sampling#greedy}.
     *
     * @param options the options
     * @return a new request
     */
    public GenerationRequest sampling(Sampling options) {
        Objects.requireNonNull(options, "options");
        return with(s -> s.sampling = options);
    }

    /**
     * Sets how many tokens are generated at most. The prompt and they must fit the context together; nothing is cut in silence.
     *
     * @param count at least 1; the standard is 256
     * @return a new request
     * @throws InvalidOptionException if the count is less than 1
     */
    public GenerationRequest maxTokens(int count) {
        if (count < 1) {
            throw new InvalidOptionException("GenerationRequest.maxTokens", String.valueOf(count), "1 or more", null);
        }
        return with(s -> s.maxTokens = count);
    }

    /**
     * Sets texts at which the generation stops, in the place of those that were set before. The text ends before the first one that
     * comes up, wherever tokens begin and end.
     *
     * @param texts the texts, none empty, at most {@link #MAX_STOPS}
     * @return a new request
     * @throws InvalidOptionException if one is empty, or there are too many
     */
    public GenerationRequest stop(String... texts) {
        List<String> all = List.of(texts);
        if (all.size() > MAX_STOPS || all.stream().anyMatch(String::isEmpty)) {
            throw new InvalidOptionException(
                    "GenerationRequest.stop",
                    all.size() > MAX_STOPS ? all.size() + " texts" : "an empty text",
                    "at most " + MAX_STOPS + " texts of 1 character or more",
                    null);
        }
        return with(s -> s.stops = all);
    }

    /**
     * Sets tokens that end the generation, beside those with which the model ends its texts, and in the place of those that were set
     * before.
     *
     * @param ids the ids
     * @return a new request
     */
    public GenerationRequest stopTokens(int... ids) {
        Set<Integer> all = new TreeSet<>();
        Arrays.stream(ids).forEach(all::add);
        Set<Integer> copy = Set.copyOf(all);
        return with(s -> s.stopTokens = copy);
    }

    /** {@return the text to go on with; empty if there are tokens} */
    public Optional<String> prompt() {
        return Optional.ofNullable(settings.text);
    }

    /** {@return the tokens to go on with; none if there is a text} */
    public int[] promptTokens() {
        return settings.tokens.clone();
    }

    /** {@return how tokens are chosen} */
    public Sampling sampling() {
        return settings.sampling;
    }

    /** {@return how many tokens are generated at most} */
    public int maxTokens() {
        return settings.maxTokens;
    }

    /** {@return the texts at which the generation stops} */
    public List<String> stops() {
        return settings.stops;
    }

    /** {@return the tokens that end the generation, beside those of the model} */
    public Set<Integer> stopTokens() {
        return settings.stopTokens;
    }
}
