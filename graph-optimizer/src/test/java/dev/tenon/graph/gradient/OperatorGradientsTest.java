package dev.tenon.graph.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.TenonException;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.loss.NegativeLogLikelihoodLoss;
import dev.tenon.op.loss.SoftmaxCrossEntropyLoss;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Dropout;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.OpCase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every rule against central differences, on the cases of its operator: their floats become float64, and are moved a little
 * from kinks. Rules of operators that take no float64 have tests of their own.
 */
class OperatorGradientsTest {
    /** Operators with tests of their own, because they do not compute in float64. */
    private static final Set<Class<? extends Op>> ELSEWHERE =
            Set.of(QuantizeLinear.class, DequantizeLinear.class, Cast.class, CastLike.class);

    /** The place of the mask among the operands of Attention. */
    private static final int MASK = 3;

    /** Operands that have no gradient. */
    private static final Map<Class<? extends Op>, Set<Integer>> FROZEN = Map.of(
            RotaryEmbedding.class, Set.of(1, 2),
            Resize.class, Set.of(1, 2),
            Dropout.class, Set.of(1),
            NegativeLogLikelihoodLoss.class, Set.of(2),
            SoftmaxCrossEntropyLoss.class, Set.of(2));

    /** Operators of whose results the first alone has a gradient. */
    private static final Set<Class<? extends Op>> FIRST_ONLY =
            Set.of(LayerNormalization.class, SoftmaxCrossEntropyLoss.class, BatchNormalization.class);

    /** The largest number of elements of an operand in an ordinary run. */
    private static final long MAX_SIZE = Exhaustive.isOn() ? 5000 : 130;

    @TestFactory
    Stream<DynamicTest> rulesAreRight() {
        return AllCases.operators().definitions().stream()
                .filter(d -> Gradients.hasRule(d.type()) && !ELSEWHERE.contains(d.type()))
                .map(d -> DynamicTest.dynamicTest(d.schema().qualifiedName(), () -> check(d)));
    }

    private static void check(OpDefinition<?> d) {
        int compared = 0;
        int kinks = 0;
        List<OpCase> cases = new ArrayList<>(AllCases.of(d));
        // Numbers in the domains of functions that few numbers of the cases are in.
        OpCase first = cases.getFirst();
        if (first.inputs().size() == 1 && first.op() instanceof UnaryFunction) {
            cases.add(OpCase.of("below 1", first.op(), Tensor.of(new float[] {0.2f, 0.5f, 0.8f})));
            cases.add(OpCase.of("above 1", first.op(), Tensor.of(new float[] {1.2f, 2.5f})));
        }
        for (OpCase c : cases) {
            GradientCheck.Problem p = problem(c);
            if (p == null) {
                continue;
            }
            try {
                GradientCheck.Count count = GradientCheck.check(p);
                compared += count.compared();
                kinks += count.kinks();
            } catch (TenonException e) {
                assertThat(e).as(c.name()).hasMessageContaining("no gradient");
            } catch (AssertionError e) {
                throw new AssertionError("case '" + c.name() + "' of " + c.op(), e);
            }
        }
        assertThat(compared).as("elements compared").isPositive();
        assertThat(kinks).as("kinks beside %s elements", compared).isLessThanOrEqualTo(compared / 2);
    }

    /** The problem of a case; null if it fails, is too large, or has no floats. */
    private static GradientCheck.Problem problem(OpCase c) {
        if (c.error() != null) {
            return null;
        }
        Set<Integer> frozen = FROZEN.getOrDefault(c.op().getClass(), Set.of());
        List<Datum> operands = new ArrayList<>();
        Set<Integer> trained = new HashSet<>();
        for (int i = 0; i < c.inputs().size(); i++) {
            Datum d = c.inputs().get(i);
            if (!(d instanceof Tensor t)) {
                operands.add(d);
                if (d != null) {
                    return null;
                }
                continue;
            }
            if (t.size() > MAX_SIZE) {
                return null;
            }
            boolean floats = t.dtype() == DType.FLOAT32 || t.dtype() == DType.FLOAT64;
            if (t.dtype().isFloating() && !floats) {
                return null;
            }
            if (floats && allowsDoubles(c.op(), i)) {
                // A mask may exclude keys by negative infinity.
                boolean trains = !frozen.contains(i) && !(c.op() instanceof Attention && i == MASK && hasInfinity(t));
                operands.add(trains ? GradientCheck.moved(t, i) : widened(t));
                if (trains) {
                    trained.add(i);
                }
            } else {
                operands.add(t);
            }
        }
        if (trained.isEmpty()) {
            return null;
        }
        int results = c.op() instanceof Attention ? Math.min(3, c.outputs()) : c.outputs();
        boolean first = FIRST_ONLY.contains(c.op().getClass());
        List<Datum> found;
        try {
            found = new Operands(c.op(), "", operands, results).evaluate();
        } catch (TenonException e) {
            // The numbers that were moved are not allowed, such as sizes.
            return null;
        }
        if (!(found.getFirst() instanceof Tensor y)
                || !y.dtype().isFloating()
                || y.size() > 4 * MAX_SIZE
                || !areFinite(found)) {
            return null;
        }
        return GradientCheck.problem(
                c.op(),
                operands,
                first ? 1 : results,
                trained::contains,
                i -> (!first || i == 0) && found.get(i) instanceof Tensor t && t.dtype() == DType.FLOAT64);
    }

    private static boolean hasInfinity(Tensor t) {
        return LongStream.range(0, t.size()).anyMatch(i -> Double.isInfinite(t.getDouble(i)));
    }

    /** Whether all elements are finite. Other losses have no derivative. */
    private static boolean areFinite(List<Datum> data) {
        return data.stream()
                .allMatch(d -> !(d instanceof Tensor t)
                        || !t.dtype().isFloating()
                        || LongStream.range(0, t.size()).allMatch(i -> Double.isFinite(t.getDouble(i))));
    }

    private static Tensor widened(Tensor t) {
        return Tensor.convert(DType.FLOAT64, t.toDoubleArray(), t.dims());
    }

    private static boolean allowsDoubles(Op op, int operand) {
        List<OpSchema.Parameter> inputs = op.schema().inputs();
        String type = inputs.get(Math.min(operand, inputs.size() - 1)).type();
        return type.equals("*") || op.schema().allowed(type).contains(DType.FLOAT64);
    }
}
