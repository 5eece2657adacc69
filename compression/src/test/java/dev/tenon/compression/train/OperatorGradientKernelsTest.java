package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.graph.gradient.Gradients;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.Operands;
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
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Gradients that a session computes by kernels are those of the references, on the cases of the operators. */
@Tag("tiers")
class OperatorGradientKernelsTest {
    /** Some operators after one another, each with its own bound. */
    private static final Numerics NUMERICS = new Numerics(64, 256, 1);

    private static final int CASES = Exhaustive.isOn() ? 1000 : 2;
    private static final long MAX_SIZE = 5000;

    @TestFactory
    Stream<DynamicTest> kernelsComputeGradients() {
        return AllCases.operators().definitions().stream()
                .filter(d -> d.type() != QuantizeLinear.class && d.type() != DequantizeLinear.class)
                .map(d -> DynamicTest.dynamicTest(d.schema().qualifiedName(), () -> check(d)));
    }

    private static void check(OpDefinition<?> d) {
        int checked = 0;
        for (OpCase c : AllCases.of(d)) {
            if (checked == CASES) {
                return;
            }
            try {
                Map<String, Tensor> inputs = new LinkedHashMap<>();
                Graph forward = c.error() == null ? graph(c, inputs) : null;
                if (forward != null) {
                    compare(c, Gradients.of(forward, "loss", List.copyOf(inputs.keySet())), inputs);
                    checked++;
                }
            } catch (TenonException e) {
                // Rules of other tests say which operators have no gradient, and which operands.
                assertThat(e).as(c.name()).hasMessageContaining("no gradient");
            }
        }
    }

    /** A loss of a case; null if it is large, has no float32, or is no number. */
    private static Graph graph(OpCase c, Map<String, Tensor> inputs) {
        GraphBuilder b = new GraphBuilder(c.name());
        List<Value> values = new ArrayList<>();
        for (Datum d : c.inputs()) {
            if (d != null && !(d instanceof Tensor t && t.size() <= MAX_SIZE)) {
                return null;
            }
            String name = "x" + values.size();
            if (!(d instanceof Tensor t)) {
                values.add(null);
            } else if (t.dtype() == DType.FLOAT32 && isFinite(t)) {
                inputs.put(name, t);
                values.add(b.input(name, t.type()));
            } else {
                values.add(b.constant(name, t));
            }
        }
        Datum y = new Operands(c.op(), "", c.inputs(), 1).evaluate().getFirst();
        if (inputs.isEmpty()
                || !(y instanceof Tensor t && t.dtype() == DType.FLOAT32 && t.size() <= MAX_SIZE && isFinite(t))) {
            return null;
        }
        Value result = b.add(c.op(), "node", values, List.of("y")).getFirst();
        Value factors = b.constant(Literals.random(DType.FLOAT32, 7, ((Tensor) y).dims()));
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
                        .as("case '%s', %s[%s]: %s for %s", c.name(), gradients.outputNames().get(i), k, f.getDouble(k),
                                e.getDouble(k))
                        .isTrue();
            }
        }
    }
}
