package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.op.cost.Cost;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The steps that a session shows: kernels, shapes, costs and times. */
@Tag("tiers")
class ProfileTest {
    private static final Model PRODUCT = Model.of(SmallModels.graph("""
        graph product (%x: f32[n,3]) {
          %w = const f32[3,2] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}
          %p = MatMul(%x, %w)
          %s = Softmax<axis=-1>(%p)
          return %s
        }
        """));

    private static final Model BRANCHES = Model.of(SmallModels.graph("""
        graph branches (%c: bool[], %x: f32[n]) {
          %y = If<captured=1, else_branch=graph no (%a: f32[n]) { %r = Neg(%a) return %r },
                  then_branch=graph yes (%b: f32[n]) { %q = Softmax<axis=-1>(%b) return %q }>(%c, %x)
          return %y
        }
        """));

    private static Map<String, Tensor> rows(int n) {
        return Map.of("x", Tensor.wrap(new float[3 * n], n, 3));
    }

    @Test
    void stepsHaveKernelsShapesAndCosts() {
        Session session = PRODUCT.session();
        List<StepInfo> steps = session.inspect().steps(rows(4));
        assertThat(steps).hasSize(2);
        assertThat(steps.getFirst().kernel()).startsWith("gemm_f32");
        assertThat(steps.getFirst().inputs()).hasToString("[f32[4,3], f32[3,2]]");
        assertThat(steps.getFirst().outputs()).hasToString("[f32[4,2]]");
        assertThat(steps.getFirst().cost()).contains(new Cost(24, 0, 4 * (12 + 6 + 8)));
        assertThat(session.inspect().explain(rows(4)))
                .contains("48 FLOP", "104 B", "f32[4,3] f32[3,2] -> f32[4,2]", "88 FLOP and 168 B moved\n");
        assertThat(session.inspect().types(rows(5)))
                .hasSize(4)
                .hasEntrySatisfying("p", type -> assertThat(type).hasToString("f32[5,2]"));
    }

    @Test
    void aProfileHasATimeForEachStep() {
        Session session = PRODUCT.session();
        Profile profile = session.inspect().profile(rows(64), 7);
        assertThat(profile.calls()).isEqualTo(7);
        assertThat(profile.graphs()).hasSize(1);
        Profile.GraphTimes times = profile.graphs().getFirst();
        assertThat(times.graph()).isSameAs(session.inspect().graph());
        assertThat(times.owner()).isEmpty();
        assertThat(times.runs()).isEqualTo(7);
        assertThat(times.steps())
                .extracting(Profile.StepTime::step)
                .isEqualTo(session.inspect().steps(rows(64)));
        assertThat(times.steps()).allSatisfy(s -> assertThat(s.minNanos()).isBetween(1L, s.medianNanos()));
        assertThat(times.steps().stream().mapToLong(Profile.StepTime::minNanos).sum())
                .isLessThanOrEqualTo(profile.medianNanos());
        assertThat(profile.print()).startsWith("7 calls, ").contains("GFLOP/s  gemm_f32", "Softmax");
    }

    @Test
    void aProfileHasTheStepsOfBodies() {
        Map<String, Tensor> inputs = Map.of("c", Tensor.scalar(true), "x", Tensor.of(new float[] {1, 2, 3}));
        Session session = BRANCHES.session();
        assertThat(session.inspect().steps(inputs)).singleElement().satisfies(step -> {
            assertThat(step.kernel()).isEqualTo("bodies");
            assertThat(step.cost()).isEmpty();
        });
        Profile profile = session.inspect().profile(inputs, 3);
        assertThat(profile.graphs()).hasSize(2);
        Profile.GraphTimes body = profile.graphs().getLast();
        assertThat(body.graph().name()).isEqualTo("yes");
        assertThat(body.owner()).containsSame(session.inspect().graph().nodes().getFirst());
        assertThat(body.runs()).isEqualTo(3);
        assertThat(body.steps())
                .singleElement()
                .satisfies(s -> assertThat(s.step().outputs()).hasToString("[f32[3]]"));
        assertThat(profile.print()).contains("yes of If, 3 runs");
    }

    @Test
    void measuringDoesNotChangeResults() {
        Session session = PRODUCT.session();
        Map<String, Tensor> inputs = rows(2);
        Tensor before = session.predict(inputs).tensor("s");
        session.inspect().profile(inputs, 2);
        assertThat(session.predict(inputs).tensor("s").contentEquals(before)).isTrue();
    }

    @Test
    void atLeastOneCallIsMeasured() {
        assertThatThrownBy(() -> PRODUCT.session().inspect().profile(rows(1), 0))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("0 calls");
    }
}
