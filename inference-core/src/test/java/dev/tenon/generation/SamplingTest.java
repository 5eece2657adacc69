package dev.tenon.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOptionException;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Options of sampling: what they are at first, how one changes, which values they refuse. */
class SamplingTest {
    private static final double UP = Math.nextUp(100.0);

    private static void refuses(String option, DoubleFunction<Sampling> setter, double... values) {
        for (double value : values) {
            assertThatThrownBy(() -> setter.apply(value))
                    .as("%s(%s)", option, value)
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining("Sampling." + option)
                    .hasMessageContaining(String.valueOf(value));
        }
    }

    private static void refusesInt(String option, IntFunction<Sampling> setter, int... values) {
        for (int value : values) {
            assertThatThrownBy(() -> setter.apply(value))
                    .as("%s(%s)", option, value)
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining("Sampling." + option)
                    .hasMessageContaining(String.valueOf(value));
        }
    }

    @Test
    void greedyHasNoOtherOption() {
        Sampling greedy = Sampling.greedy();
        assertThat(greedy.isGreedy()).isTrue();
        assertThat(greedy.temperature()).isZero();
        assertThat(greedy.topK()).isEmpty();
        assertThat(greedy.topP()).isEqualTo(1);
        assertThat(greedy.minP()).isZero();
        assertThat(greedy.repetitionPenalty()).isEqualTo(1);
        assertThat(greedy.presencePenalty()).isZero();
        assertThat(greedy.frequencyPenalty()).isZero();
        assertThat(greedy.penaltyTokens()).isEqualTo(64);
        assertThat(greedy.bias()).isEmpty();
        assertThat(greedy.logProbabilities()).isEmpty();
        assertThat(greedy.seed()).isEmpty();
        assertThat(Sampling.temperature(0).isGreedy()).isTrue();
        assertThat(Sampling.temperature(-0.0).isGreedy()).isTrue();
    }

    @Test
    void eachSetterChangesItsOptionInACopy() {
        Sampling before = Sampling.temperature(0.5);
        Sampling after = before.topK(40)
                .topP(0.9)
                .minP(0.05)
                .repetitionPenalty(1.1)
                .presencePenalty(-0.5)
                .frequencyPenalty(0.25)
                .penaltyTokens(0)
                .bias(7, -1)
                .bias(3, Double.NEGATIVE_INFINITY)
                .bias(7, 2)
                .logProbabilities(0)
                .seed(-1);
        assertThat(after.isGreedy()).isFalse();
        assertThat(after.temperature()).isEqualTo(0.5);
        assertThat(after.topK()).hasValue(40);
        assertThat(after.topP()).isEqualTo(0.9);
        assertThat(after.minP()).isEqualTo(0.05);
        assertThat(after.repetitionPenalty()).isEqualTo(1.1);
        assertThat(after.presencePenalty()).isEqualTo(-0.5);
        assertThat(after.frequencyPenalty()).isEqualTo(0.25);
        assertThat(after.penaltyTokens()).isZero();
        assertThat(after.bias()).isEqualTo(Map.of(7, 2.0, 3, Double.NEGATIVE_INFINITY));
        assertThat(after.bias().keySet()).containsExactly(3, 7);
        assertThat(after.logProbabilities()).hasValue(0);
        assertThat(after.seed()).hasValue(-1);
        assertThatThrownBy(() -> after.bias().put(1, 1.0)).isInstanceOf(UnsupportedOperationException.class);
        assertThat(before.topK()).isEmpty();
        assertThat(before.bias()).isEmpty();
        assertThat(before.seed()).isEmpty();
        assertThat(Sampling.greedy().temperature()).isZero();
    }

    @Test
    void valuesOutsideTheirRangesAreRefused() {
        Sampling s = Sampling.greedy();
        refuses("temperature", Sampling::temperature, Double.NaN, -Double.MIN_VALUE, UP);
        refusesInt("topK", s::topK, 0, -1);
        refuses("topP", s::topP, Double.NaN, 0, -0.5, Math.nextUp(1.0));
        refuses("minP", s::minP, Double.NaN, -Double.MIN_VALUE, Math.nextUp(1.0));
        refuses("repetitionPenalty", s::repetitionPenalty, Double.NaN, 0, -1, UP);
        refuses("presencePenalty", s::presencePenalty, Double.NaN, -UP, UP);
        refuses("frequencyPenalty", s::frequencyPenalty, Double.NaN, -UP, UP);
        refusesInt("penaltyTokens", s::penaltyTokens, -1);
        refuses("bias", v -> s.bias(5, v), Double.NaN, -UP, UP, Double.POSITIVE_INFINITY);
        refusesInt("bias", v -> s.bias(v, 0), -1);
        refusesInt("logProbabilities", s::logProbabilities, -1, Sampling.MAX_LOG_PROBABILITIES + 1);
    }

    @Test
    void theEndsOfRangesAreAllowed() {
        assertThat(Sampling.temperature(100).temperature()).isEqualTo(100);
        Sampling s =
                Sampling.temperature(Double.MIN_VALUE).topK(Integer.MAX_VALUE).topP(Double.MIN_VALUE);
        assertThat(s.isGreedy()).isFalse();
        assertThat(s.topP(1).minP(1).minP(0).minP()).isZero();
        assertThat(s.repetitionPenalty(100)
                        .presencePenalty(-100)
                        .frequencyPenalty(100)
                        .frequencyPenalty())
                .isEqualTo(100);
        assertThat(s.bias(0, 100).bias(Integer.MAX_VALUE, -100).bias()).hasSize(2);
        assertThat(s.logProbabilities(20).logProbabilities()).hasValue(20);
        assertThat(s.penaltyTokens(Integer.MAX_VALUE).penaltyTokens()).isEqualTo(Integer.MAX_VALUE);
    }
}
