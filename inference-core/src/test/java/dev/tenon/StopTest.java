package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls that end before a step, inputs that are checked without a call, and outputs that are not of a call. */
@Tag("short")
class StopTest {
    private static final Map<String, Tensor> X = Map.of("x", SmallModels.random(2, 16));

    private final Session session = SmallModels.perceptron().session();

    @Test
    void aCallEndsBeforeTheStepAtWhichTheConditionHolds() {
        int steps = session.inspect().steps(X).size();
        AtomicInteger asked = new AtomicInteger();
        Outputs all = session.predict(X, () -> asked.incrementAndGet() > steps);
        assertThat(asked.get()).isEqualTo(steps);
        assertThat(all.tensor("y").contentEquals(session.predict(X).tensor("y")))
                .isTrue();
        asked.set(0);
        assertThatThrownBy(() -> session.predict(X, () -> asked.incrementAndGet() == steps))
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("the call was stopped after");
        assertThat(asked.get()).isEqualTo(steps);
        assertThat(session.predict(X).tensor("y").contentEquals(all.tensor("y")))
                .isTrue();
    }

    @Test
    void bodiesOfLoopsEndToo() {
        Session loop = SmallModels.model("""
            graph loop(%x: f32[n]) {
              %y = Loop<body=graph body(%i: i64[], %go: bool[], %v: f32[n]) {
                  %next = Neg(%v)
                  return %go, %next
                }, carried=1>(_, _, %x)
              return %y
            }
            """).session();
        AtomicInteger asked = new AtomicInteger();
        assertThatThrownBy(() ->
                        loop.predict(Map.of("x", Tensor.of(new float[] {1})), () -> asked.incrementAndGet() > 100))
                .isInstanceOf(InterruptedPredictionException.class);
    }

    @Test
    void inputsAreCheckedWithoutACall() {
        session.check(X);
        assertThatThrownBy(() -> session.check(Map.of())).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> session.check(Map.of("x", SmallModels.random(2, 15))))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void outputsOfOtherValuesKeepTheirOrder() {
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("z", Tensor.of(new float[] {1}));
        values.put("a", Tensor.of(new float[] {2}));
        Outputs outputs = Outputs.of(values);
        assertThat(outputs.keySet()).containsExactly("z", "a");
        assertThat(outputs.tensor("a")).isSameAs(values.get("a"));
        values.clear();
        assertThat(outputs).hasSize(2);
    }
}
