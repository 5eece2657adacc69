package dev.tenon.generation;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.options.Settings;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * How the next token is chosen from the logits of a model. Immutable and safe for any number of threads; each setter returns new
 * options.
 *
 * <pre>{@code
 * Sampling sampling = Sampling.temperature(0.7).topP(0.9).minP(0.05).seed(42);
 * }</pre>
 *
 * <p>The logits {@code l} of a token go through these steps, in this order, which is that of Hugging Face's {@code transformers}
 * and of vLLM; llama.cpp applies its temperature last, so that its {@code top-p} and {@code min-p} keep other tokens at temperatures
 * other than 1.
 * <ol>
 *   <li>bias: {@code l + bias} (OpenAI's {@code logit_bias});
 *   <li>repetition penalty {@code r}: {@code l / r} if {@code l > 0}, else {@code l * r}, for each token of the prompt or the result
 *       (Keskar and others, 2019, "CTRL", with the sign as in {@code transformers} and llama.cpp);
 *   <li>frequency and presence penalties {@code f} and {@code p}: {@code l - count * f - p} for each token that was generated
 *       {@code count > 0} times (OpenAI's formula; tokens of the prompt do not count);
 *   <li>temperature {@code t}: {@code l / t};
 *   <li>top-k: the {@code k} tokens with the largest logits stay (Fan and others, 2018);
 *   <li>top-p: of these, the fewest most probable tokens stay whose probabilities sum to at least {@code p} (Holtzman and others,
 *       2020);
 *   <li>min-p: of these, tokens stay whose probability is at least {@code m} times that of the most probable one (Nguyen and others,
 *       2024);
 *   <li>a token is drawn from the softmax of the tokens that are left.
 * </ol>
 * Penalties look at the last {@link #penaltyTokens()} tokens. Of equal logits, the token with the lowest id comes first.
 */
public final class Sampling {
    /** The most tokens whose log-probabilities are told beside the chosen one. */
    public static final int MAX_LOG_PROBABILITIES = 20;

    private static final Sampling GREEDY = new Sampling(new Values());
    private static final double MOST_TEMPERATURE = 100;
    private static final double MOST_REPETITION = 100;
    private static final double MOST_PENALTY = 100;
    private static final double MOST_BIAS = 100;

    private static final class Values extends Settings<Values> {
        private double temperature;

        /** 0 for all. */
        private int topK;

        private double topP = 1;
        private double minP;
        private double repetitionPenalty = 1;
        private double presencePenalty;
        private double frequencyPenalty;
        private int penaltyTokens = 64;
        private Map<Integer, Double> bias = Map.of();

        /** Negative for none. */
        private int logProbabilities = -1;

        /** Null for one that is drawn for each request. */
        private Long seed;
    }

    private final Values settings;

    private Sampling(Values settings) {
        this.settings = settings;
    }

    private Sampling with(Consumer<Values> change) {
        return new Sampling(settings.with(change));
    }

    private static InvalidOptionException invalid(String option, Object found, String allowed, String cure) {
        return new InvalidOptionException("Sampling." + option, String.valueOf(found), allowed, cure);
    }

    private static void requireIn(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw invalid(option, value, least + " to " + most, null);
        }
    }

    /**
     * The token with the largest logit, after bias and penalties.
     *
     * @return the options
     */
    public static Sampling greedy() {
        return GREEDY;
    }

    /**
     * Draws tokens from the distribution of the model at a temperature.
     *
     * @param temperature what logits are divided by, 0 to 100: 1 is the distribution of the model, less favours the probable
     *     tokens, 0 is {@link #greedy()}
     * @return the options
     * @throws InvalidOptionException if it is outside the range
     */
    public static Sampling temperature(double temperature) {
        requireIn("temperature", temperature, 0, MOST_TEMPERATURE);
        // No negative zero.
        return GREEDY.with(s -> s.temperature = temperature + 0.0);
    }

    /**
     * Keeps the tokens with the largest logits. Without it, all stay.
     *
     * @param tokens how many, at least 1; a number above the vocabulary keeps all
     * @return new options
     * @throws InvalidOptionException if the number is less than 1
     */
    public Sampling topK(int tokens) {
        if (tokens < 1) {
            throw invalid("topK", tokens, "1 or more", "leave it out to keep all tokens");
        }
        return with(s -> s.topK = tokens);
    }

    /**
     * Keeps the fewest most probable tokens whose probabilities sum to at least a bound.
     *
     * @param sum the bound, more than 0 and at most 1; 1, the standard, keeps all
     * @return new options
     * @throws InvalidOptionException if it is outside the range
     */
    public Sampling topP(double sum) {
        if (!(sum > 0 && sum <= 1)) {
            throw invalid("topP", sum, "more than 0, at most 1", "1 keeps all tokens, Sampling.greedy() keeps one");
        }
        return with(s -> s.topP = sum);
    }

    /**
     * Keeps tokens that are probable beside the most probable one.
     *
     * @param part the least probability, as a part of that of the most probable token, 0 to 1; 0, the standard, keeps all
     * @return new options
     * @throws InvalidOptionException if it is outside the range
     */
    public Sampling minP(double part) {
        requireIn("minP", part, 0, 1);
        return with(s -> s.minP = part);
    }

    /**
     * Makes tokens that were in the prompt or the result less probable: a positive logit is divided by the penalty, another one is
     * multiplied by it.
     *
     * @param penalty the penalty, more than 0 and at most 100; 1, the standard, changes nothing, less than 1 favours repetition
     * @return new options
     * @throws InvalidOptionException if it is outside the range
     */
    public Sampling repetitionPenalty(double penalty) {
        if (!(penalty > 0 && penalty <= MOST_REPETITION)) {
            throw invalid("repetitionPenalty", penalty, "more than 0, at most " + MOST_REPETITION, "1 changes nothing");
        }
        return with(s -> s.repetitionPenalty = penalty);
    }

    /**
     * Lowers the logits of tokens that were generated.
     *
     * @param penalty what is taken away, once, -100 to 100 (OpenAI allows -2 to 2); 0 is the standard
     * @return new options
     * @throws InvalidOptionException if it is outside the range
     */
    public Sampling presencePenalty(double penalty) {
        requireIn("presencePenalty", penalty, -MOST_PENALTY, MOST_PENALTY);
        return with(s -> s.presencePenalty = penalty);
    }

    /**
     * Lowers the logits of tokens by how often they were generated.
     *
     * @param penalty what is taken away each time, -100 to 100 (OpenAI allows -2 to 2); 0 is the standard
     * @return new options
     * @throws InvalidOptionException if it is outside the range
     */
    public Sampling frequencyPenalty(double penalty) {
        requireIn("frequencyPenalty", penalty, -MOST_PENALTY, MOST_PENALTY);
        return with(s -> s.frequencyPenalty = penalty);
    }

    /**
     * Sets how far back penalties look.
     *
     * @param tokens the last tokens that they look at, at least 0; 64 is the standard, that of llama.cpp;
     *     {@link Integer#MAX_VALUE} is all, as {@code transformers} and OpenAI have it
     * @return new options
     * @throws InvalidOptionException if the number is negative
     */
    public Sampling penaltyTokens(int tokens) {
        if (tokens < 0) {
            throw invalid("penaltyTokens", tokens, "0 or more", "Integer.MAX_VALUE looks at all tokens");
        }
        return with(s -> s.penaltyTokens = tokens);
    }

    /**
     * Adds to the logit of a token.
     *
     * @param token the id of the token, at least 0 and within the vocabulary of the model; a second bias of a token replaces the first
     * @param bias what is added, -100 to 100, or negative infinity, with which the token never comes
     * @return new options
     * @throws InvalidOptionException if an argument is outside its range
     */
    public Sampling bias(int token, double bias) {
        if (token < 0) {
            throw invalid("bias", "token " + token, "the id of a token of the model", null);
        }
        if (bias != Double.NEGATIVE_INFINITY && !(Math.abs(bias) <= MOST_BIAS)) {
            throw invalid(
                    "bias",
                    bias + " for token " + token,
                    -MOST_BIAS + " to " + MOST_BIAS + ", or negative infinity",
                    null);
        }
        Map<Integer, Double> all = new TreeMap<>(settings.bias);
        all.put(token, bias);
        Map<Integer, Double> unmodifiable = Collections.unmodifiableMap(all);
        return with(s -> s.bias = unmodifiable);
    }

    /**
     * Tells the log-probability of each chosen token, and of the most probable tokens beside it. They are those of the model's own
     * distribution, the log-softmax of the logits before all steps of this class, so that they tell what the model holds to be
     * probable, whatever the options are; vLLM calls these {@code raw_logprobs}.
     *
     * @param top how many of the most probable tokens are told, 0 to {@link #MAX_LOG_PROBABILITIES}
     * @return new options
     * @throws InvalidOptionException if the number is outside the range
     */
    public Sampling logProbabilities(int top) {
        if (top < 0 || top > MAX_LOG_PROBABILITIES) {
            throw invalid("logProbabilities", top, "0 to " + MAX_LOG_PROBABILITIES, null);
        }
        return with(s -> s.logProbabilities = top);
    }

    /**
     * Fixes the random numbers: the number for a token depends on the seed and on the position of the token alone. The same model, the
     * same prompt, options and seed give the same text, whatever else runs.
     *
     * @param seed any number
     * @return new options
     */
    public Sampling seed(long seed) {
        return with(s -> s.seed = seed);
    }

    /** {@return whether the token with the largest logit is taken} */
    public boolean isGreedy() {
        return settings.temperature == 0;
    }

    /** {@return what logits are divided by; 0 for the token with the largest logit} */
    public double temperature() {
        return settings.temperature;
    }

    /** {@return how many tokens with the largest logits stay; empty for all} */
    public OptionalInt topK() {
        return settings.topK == 0 ? OptionalInt.empty() : OptionalInt.of(settings.topK);
    }

    /** {@return the sum of probabilities that the most probable tokens reach; 1 for all} */
    public double topP() {
        return settings.topP;
    }

    /** {@return the least probability beside that of the most probable token; 0 for all} */
    public double minP() {
        return settings.minP;
    }

    /** {@return the penalty of tokens of the prompt and the result; 1 for none} */
    public double repetitionPenalty() {
        return settings.repetitionPenalty;
    }

    /** {@return what a token that was generated loses once} */
    public double presencePenalty() {
        return settings.presencePenalty;
    }

    /** {@return what a token loses each time that it was generated} */
    public double frequencyPenalty() {
        return settings.frequencyPenalty;
    }

    /** {@return how many of the last tokens penalties look at} */
    public int penaltyTokens() {
        return settings.penaltyTokens;
    }

    /** {@return what is added to logits, by the ids of tokens in ascending order; unmodifiable} */
    public Map<Integer, Double> bias() {
        return settings.bias;
    }

    /** {@return how many of the most probable tokens are told with their log-probabilities; empty for no log-probabilities} */
    public OptionalInt logProbabilities() {
        return settings.logProbabilities < 0 ? OptionalInt.empty() : OptionalInt.of(settings.logProbabilities);
    }

    /** {@return the seed; empty if one is drawn for each request, which its result tells} */
    public OptionalLong seed() {
        return settings.seed == null ? OptionalLong.empty() : OptionalLong.of(settings.seed);
    }
}
