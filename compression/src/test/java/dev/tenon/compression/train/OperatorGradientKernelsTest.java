package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Value;
import dev.tenon.graph.gradient.Gradients;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.ByteTable;
import dev.tenon.op.fused.Composite;
import dev.tenon.op.fused.QuantizedConvSum;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.OpCase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Gradients that a session computes by kernels are those of the references, on the cases of the operators. */
@Tag("vector")
class OperatorGradientKernelsTest {
    /** Some operators after one another, each with its own bound. */
    private static final Numerics NUMERICS = new Numerics(64, 256, 1);

    private static final int CASES = Exhaustive.isOn() ? 1000 : 2;
    private static final long MAX_SIZE = 5000;

    /** Operators on bytes alone, which fusion makes of those that gradients pass. */
    private static final Set<Class<? extends Op>> OF_BYTES = Set.of(ByteTable.class, QuantizedConvSum.class);

    /** Operators that gradients pass, and those that are expanded into their parts first. */
    @TestFactory
    Stream<DynamicTest> kernelsComputeGradients() {
        return AllCases.operators().definitions().stream()
                .filter(d -> Gradients.hasRule(d.type()) || Composite.class.isAssignableFrom(d.type()))
                .filter(d -> !OF_BYTES.contains(d.type()))
                .map(d -> DynamicTest.dynamicTest(d.schema().qualifiedName(), () -> check(d)));
    }

    private static void check(OpDefinition<?> d) {
        int checked = 0;
        for (OpCase c : AllCases.of(d)) {
            // With all operands trained, or, where some must be constants, the first alone.
            boolean compared = c.error() == null && (compared(c, Integer.MAX_VALUE) || compared(c, 1));
            checked += compared ? 1 : 0;
            if (checked == CASES) {
                return;
            }
        }
        assertThat(checked).as("cases whose gradients were compared").isPositive();
    }

    /** Compares the gradients of a case, unless it has none. */
    private static boolean compared(OpCase c, int trained) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Graph forward = graph(c, trained, inputs);
        if (forward == null) {
            return false;
        }
        Graph gradients;
        try {
            gradients = Gradients.of(forward, "loss", List.copyOf(inputs.keySet()));
        } catch (InvalidGraphException e) {
            // Tests of the rules say which operators have no gradient, and which operands.
            assertThat(e).as(c.name()).hasMessageContaining("no gradient");
            return false;
        }
        compare(c, gradients, inputs);
        return true;
    }

    /** A loss of a case; null if it is large, has no float32, or is no number. */
    private static Graph graph(OpCase c, int trained, Map<String, Tensor> inputs) {
        GraphBuilder b = new GraphBuilder(c.name());
        List<Value> values = new ArrayList<>();
        for (Datum d : c.inputs()) {
            if (d != null && !(d instanceof Tensor t && t.size() <= MAX_SIZE)) {
                return null;
            }
            String name = "x" + values.size();
            if (!(d instanceof Tensor t)) {
                values.add(null);
            } else if (t.dtype() == DType.FLOAT32 && isFinite(t) && values.size() < trained) {
                inputs.put(name, t);
                values.add(b.input(name, t.type()));
            } else {
                values.add(b.constant(name, t));
            }
        }
        Datum y = new Operands(c.op(), "", c.inputs(), c.outputs()).evaluate().getFirst();
        boolean isRounded = c.op() instanceof QuantizeLinear;
        if (inputs.isEmpty()
                || !(y instanceof Tensor t && t.size() <= MAX_SIZE)
                || !isRounded && !(t.dtype().isFloating() && isFinite(t))) {
            return null;
        }
        List<String> names =
                IntStream.range(0, c.outputs()).mapToObj(i -> "y" + i).toList();
        Value result = b.add(c.op(), "node", values, names).getFirst();
        if (c.op() instanceof QuantizeLinear q) {
            Value[] floats = values.toArray(Value[]::new);
            floats[0] = result;
            result = b.add(new DequantizeLinear(q.axis(), q.blockSize(), null), floats);
        }
        if (result.tensorType().dtype() != DType.FLOAT32) {
            result = b.add(new Cast(DType.FLOAT32), result);
        }
        if (!result.tensorType().shape().hasRank()
                || !result.tensorType().shape().isKnown()) {
            return null;
        }
        Value factors = b.constant(Literals.random(DType.FLOAT32, 7, t.dims()));
        b.output("loss", b.add(new ReduceSum(false, false), b.add(new Mul(), result, factors)));
        return b.build();
    }

    private static boolean isFinite(Tensor t) {
        return LongStream.range(0, t.size()).allMatch(i -> Float.isFinite(t.getFloat(i)));
    }

    private static void compare(OpCase c, Graph gradients, Map<String, Tensor> inputs) {
        List<Datum> expected = Interpreter.run(gradients, List.copyOf(inputs.values()));
        Outputs found = Model.of(gradients).session().predict(inputs);
        for (int i = 0; i < expected.size(); i++) {
            Tensor e = (Tensor) expected.get(i);
            Tensor f = found.tensor(gradients.outputNames().get(i));
            double largest = 0;
            for (long k = 0; k < e.size(); k++) {
                largest = Double.isFinite(e.getDouble(k)) ? Math.max(largest, Math.abs(e.getDouble(k))) : largest;
            }
            for (long k = 0; k < e.size(); k++) {
                double bound = NUMERICS.tolerance(DType.FLOAT32, e.getDouble(k), largest);
                boolean equal = Double.compare(f.getDouble(k), e.getDouble(k)) == 0
                        || Double.isNaN(e.getDouble(k)) && Double.isNaN(f.getDouble(k));
                assertThat(equal || Math.abs(f.getDouble(k) - e.getDouble(k)) <= bound)
                        .as(
                                "case '%s', %s[%s]: %s for %s",
                                c.name(), gradients.outputNames().get(i), k, f.getDouble(k), e.getDouble(k))
                        .isTrue();
            }
        }
    }
}
