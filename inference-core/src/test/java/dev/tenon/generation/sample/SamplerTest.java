package dev.tenon.generation.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.generation.InvalidLogitsException;
import dev.tenon.generation.Sampling;
import dev.tenon.generation.TokenProbability;
import dev.tenon.testkit.Allocation;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Choices against the steps as {@link Sampling} writes them, ties, bad logits, and what is told beside a token. */
class SamplerTest {
    /** The number of tokens of Qwen 2. */
    private static final int LARGE = 151_936;

    private static final int[] NONE = {};
    private static final float MINUS = Float.NEGATIVE_INFINITY;

    private static int choose(Sampling sampling, float... logits) {
        return new Sampler(sampling, 1, logits.length)
                .choose(logits, 0, NONE, 0, 0, 0)
                .token();
    }

    private static float[] logits(SplittableRandom random, int count, int kind) {
        float[] logits = new float[count];
        for (int i = 0; i < count; i++) {
            double value = random.nextGaussian() * (kind == 1 ? 0.01 : 3) + (kind == 2 ? -40 : 0);
            logits[i] = (float) (kind == 3 ? Math.rint(value * 4) / 4 : value);
            if (kind == 4 && random.nextInt(3) > 0) {
                logits[i] = MINUS;
            }
        }
        if (kind == 4) {
            logits[random.nextInt(count)] = 1;
        }
        return logits;
    }

    private static Sampling sampling(SplittableRandom random, int vocabulary) {
        Sampling s = random.nextInt(5) == 0 ? Sampling.greedy() : Sampling.temperature(random.nextDouble(0.05, 3));
        s = random.nextBoolean() ? s : s.topK(1 + random.nextInt(2 * vocabulary));
        s = random.nextBoolean() ? s : s.topP(random.nextDouble(0.01, 1));
        s = random.nextBoolean() ? s : s.minP(random.nextDouble(0, 0.5));
        s = random.nextBoolean() ? s : s.repetitionPenalty(random.nextDouble(0.5, 2));
        s = random.nextBoolean() ? s : s.presencePenalty(random.nextDouble(-1, 2));
        s = random.nextBoolean() ? s : s.frequencyPenalty(random.nextDouble(-1, 2));
        s = random.nextBoolean() ? s : s.penaltyTokens(random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt(20));
        for (int i = random.nextInt(4); i > 0; i--) {
            s = s.bias(random.nextInt(vocabulary), random.nextDouble(-5, 5));
        }
        return s;
    }

    /** Some tokens are beyond the row: models have more rows of embeddings than logits now and then. */
    private static int[] tokens(SplittableRandom random, int count, int vocabulary) {
        return IntStream.range(0, count)
                .map(i -> random.nextInt(vocabulary + 2))
                .toArray();
    }

    @Property(tries = 2000)
    void choicesAreThoseOfTheReference(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 1500) int vocabulary,
            @ForAll @IntRange(min = 0, max = 150) int count,
            @ForAll @IntRange(min = 0, max = 4) int kind) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] logits = logits(random, vocabulary, kind);
        Sampling sampling = sampling(random, vocabulary);
        int[] tokens = tokens(random, count, vocabulary);
        int promptCount = random.nextInt(count + 1);
        float[] row = new float[vocabulary + 7];
        Arrays.fill(row, Float.NaN);
        System.arraycopy(logits, 0, row, 3, vocabulary);
        float[] before = row.clone();
        int[] more = Arrays.copyOf(tokens, count + 5);
        Sampler sampler = new Sampler(sampling, seed, vocabulary);
        for (int position : new int[] {count, 0, Integer.MAX_VALUE}) {
            assertThat(sampler.choose(row, 3, more, promptCount, count, position)
                            .token())
                    .isEqualTo(ReferenceSampler.choose(sampling, seed, logits, tokens, promptCount, position));
        }
        assertThat(row).isEqualTo(before);
    }

    @Property(tries = 6)
    void choicesOfALargeVocabularyAreThoseOfTheReference(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 4) int kind) {
        choicesAreThoseOfTheReference(seed, LARGE, 100, kind);
    }

    @Property(tries = 200)
    void aChoiceKnowsNothingOfThoseBefore(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int vocabulary = 1 + random.nextInt(300);
        Sampling sampling = sampling(random, vocabulary).logProbabilities(3);
        Sampler one = new Sampler(sampling, seed, vocabulary);
        for (int i = 0; i < 10; i++) {
            float[] logits = logits(random, vocabulary, random.nextInt(5));
            int[] tokens = tokens(random, random.nextInt(40), vocabulary);
            Sampler other = new Sampler(sampling, seed, vocabulary);
            assertThat(one.choose(logits, 0, tokens, 0, tokens.length, i))
                    .isEqualTo(other.choose(logits, 0, tokens, 0, tokens.length, i));
        }
    }

    @Test
    void theFirstOfEqualTokensComesFirst() {
        assertThat(choose(Sampling.greedy(), 1, 3, 2, 3)).isEqualTo(1);
        assertThat(choose(Sampling.greedy(), -0f, 0f)).isZero();
        assertThat(choose(Sampling.greedy(), 0f, -0f)).isZero();
        Sampling s = Sampling.temperature(1);
        for (int seed = 0; seed < 50; seed++) {
            float[] zeros = {-0f, 0f, -0f, 0f, -1f};
            Sampler two = new Sampler(s.topK(2), seed, 5);
            assertThat(two.choose(zeros, 0, NONE, 0, 0, seed).token()).isLessThan(2);
            // A quarter of the weight each: half is reached by two.
            Sampler half = new Sampler(s.topK(4).topP(0.5), seed, 5);
            assertThat(half.choose(zeros, 0, NONE, 0, 0, seed).token()).isLessThan(2);
            Sampler more = new Sampler(s.topK(4).topP(Math.nextUp(0.5)), seed, 5);
            assertThat(more.choose(zeros, 0, NONE, 0, 0, seed).token()).isLessThan(3);
        }
    }

    @Test
    void optionsThatKeepOneTokenTakeTheLargest() {
        Sampling s = Sampling.temperature(5);
        for (Sampling one : List.of(
                s.topK(1),
                s.topP(Double.MIN_VALUE),
                s.minP(1),
                Sampling.temperature(Double.MIN_VALUE),
                Sampling.temperature(1e-310))) {
            assertThat(choose(one, 0.5f, 1, MINUS, 0.75f)).isEqualTo(1);
        }
    }

    @Test
    void aBannedTokenNeverComes() {
        Sampling s = Sampling.temperature(100);
        for (Sampling each : List.of(s, s.topK(3), s.topP(Math.nextDown(1.0)), s.minP(Double.MIN_VALUE))) {
            for (int seed = 0; seed < 100; seed++) {
                float[] row = {MINUS, 3, 1, MINUS};
                Sampler sampler = new Sampler(each.bias(1, Double.NEGATIVE_INFINITY), seed, row.length);
                assertThat(sampler.choose(row, 0, NONE, 0, 0, seed).token()).isEqualTo(2);
            }
        }
    }

    @Test
    void badLogitsAreRefusedWithThePosition() {
        for (Sampling s : List.of(Sampling.greedy(), Sampling.temperature(1).topP(0.5))) {
            float[] nan = {1, 2, Float.NaN, Float.POSITIVE_INFINITY};
            Sampler sampler = new Sampler(s.bias(0, 1), 1, 4);
            assertThatThrownBy(() -> sampler.choose(nan, 0, NONE, 0, 0, 77))
                    .isInstanceOf(InvalidLogitsException.class)
                    .hasMessageContaining("position 77")
                    .hasMessageContaining("token 2 has NaN");
            assertThat(nan).containsExactly(1, 2, Float.NaN, Float.POSITIVE_INFINITY);
            assertThatThrownBy(() -> choose(s, 1, Float.POSITIVE_INFINITY))
                    .isInstanceOf(InvalidLogitsException.class)
                    .hasMessageContaining("token 1 has Infinity");
            assertThatThrownBy(() -> choose(s, MINUS, MINUS))
                    .isInstanceOf(InvalidLogitsException.class)
                    .hasMessageContaining("position 0")
                    .hasMessageContaining("all tokens have -Infinity");
            assertThatThrownBy(() -> choose(s.bias(0, Double.NEGATIVE_INFINITY), 1))
                    .isInstanceOf(InvalidLogitsException.class)
                    .hasMessageContaining("all tokens have -Infinity");
        }
    }

    @Test
    void aBiasOfNoTokenIsRefused() {
        assertThat(choose(Sampling.greedy().bias(2, 5), 1, 1, 0)).isEqualTo(2);
        assertThatThrownBy(() -> new Sampler(Sampling.greedy().bias(3, 5), 1, 3))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("token 3")
                .hasMessageContaining("0 to 2");
    }

    @Property(tries = 300)
    void logProbabilitiesAreThoseOfTheModel(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 2000) int vocabulary,
            @ForAll @IntRange(min = 0, max = 20) int top,
            @ForAll @IntRange(min = 0, max = 4) int kind) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] logits = logits(random, vocabulary, kind);
        double[] expected = ReferenceSampler.logProbabilities(logits);
        int[] tokens = tokens(random, 30, vocabulary);
        Sampling sampling = sampling(random, vocabulary);
        Choice plain = new Sampler(sampling, seed, vocabulary).choose(logits, 0, tokens, 5, 30, 9);
        Choice told = new Sampler(sampling.logProbabilities(top), seed, vocabulary).choose(logits, 0, tokens, 5, 30, 9);
        assertThat(plain.logProbability()).isNaN();
        assertThat(plain.top()).isEmpty();
        assertThat(told.token()).isEqualTo(plain.token());
        assertThat(told.logProbability()).matches(p -> isRounded(p, expected[told.token()]));
        int[] best = IntStream.range(0, vocabulary)
                .boxed()
                .sorted((a, b) -> Float.compare(0 - logits[a], 0 - logits[b]))
                .limit(top)
                .mapToInt(i -> i)
                .toArray();
        assertThat(told.top().stream().mapToInt(TokenProbability::token))
                .containsExactly(Arrays.stream(best).boxed().toArray(Integer[]::new));
        for (TokenProbability each : told.top()) {
            assertThat(each.logProbability()).matches(p -> isRounded(p, expected[each.token()]));
            assertThat(each.logProbability()).isLessThanOrEqualTo(0);
        }
    }

    /** Whether a float is the double or beside it. */
    private static boolean isRounded(float actual, double expected) {
        float near = (float) expected;
        return actual == near || actual == Math.nextUp(near) || actual == Math.nextDown(near);
    }

    @Test
    void nothingIsAllocatedInProportionToTheVocabulary() {
        SplittableRandom random = new SplittableRandom(3);
        float[] logits = logits(random, LARGE, 0);
        int[] tokens = tokens(random, 4096, LARGE);
        Sampling s = Sampling.temperature(1).repetitionPenalty(1.1).penaltyTokens(Integer.MAX_VALUE);
        for (Sampling each :
                List.of(Sampling.greedy(), s, s.topP(0.95), s.topK(1000).topP(0.9), s.minP(0.01))) {
            Sampler sampler = new Sampler(each.logProbabilities(0), 5, LARGE);
            int[] position = {0};
            // A choice, and what the first one of its kind allocates.
            Allocation bound = new Allocation(10 * 1024, 0);
            assertThat(Allocation.steady(
                                    10, bound, () -> sampler.choose(logits, 0, tokens, 9, tokens.length, position[0]++))
                            .caller())
                    .isLessThanOrEqualTo(bound.caller());
        }
    }
}
