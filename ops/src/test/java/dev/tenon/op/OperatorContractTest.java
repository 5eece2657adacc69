package dev.tenon.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.TenonException;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The contract of every operator, checked on all its cases: the reference, inference, and the kernels of the tier. */
@Tag("tiers")
@Tag("short")
class OperatorContractTest {
    @TestFactory
    Stream<DynamicContainer> operators() {
        return AllCases.operators().definitions().stream()
                .map(d -> DynamicContainer.dynamicContainer(
                        d.schema().qualifiedName(),
                        Stream.concat(
                                Stream.of(DynamicTest.dynamicTest(
                                        "has cases",
                                        () -> assertThat(AllCases.of(d)).isNotEmpty())),
                                cases(d))));
    }

    private static Stream<DynamicTest> cases(OpDefinition<?> d) {
        List<OpCase> cases;
        try {
            cases = AllCases.of(d);
        } catch (AssertionError e) {
            return Stream.of();
        }
        return cases.stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> check(d, c)));
    }

    private static void check(OpDefinition<?> definition, OpCase c) {
        if (c.error() != null) {
            assertThatThrownBy(() -> {
                        infer(c, c.inputs(), true);
                        reference(c);
                    })
                    .isInstanceOf(TenonException.class)
                    .hasMessageContaining(c.error());
            return;
        }
        assertThat(definition.create(c.op().attributes()))
                .as("made again from its attributes")
                .isEqualTo(c.op());
        List<Datum> results = reference(c);
        List<Datum> magnitudes = Closeness.magnitudes(c.op(), c.inputs(), c.outputs());
        if (c.expected() != null) {
            for (int i = 0; i < c.expected().size(); i++) {
                Closeness.check(
                        "output " + i, results.get(i), c.expected().get(i), magnitudes.get(i), c.op().numerics());
            }
        }
        for (boolean constants : new boolean[] {true, false}) {
            List<ValueType> types = infer(c, c.inputs(), constants);
            for (int i = 0; i < c.outputs(); i++) {
                assertCovers(types.get(i), results.get(i), "output " + i + " inferred, constants " + constants);
            }
        }
        inferSymbolically(c, results);
        for (boolean constants : new boolean[] {false, true}) {
            kernels(c, results, magnitudes, constants, i -> true);
        }
        for (int i = 0; i < c.outputs() && c.outputs() > 1; i++) {
            int one = i;
            kernels(c, results, magnitudes, false, output -> output == one);
            kernels(c, results, magnitudes, false, output -> output != one);
        }
    }

    private static List<Datum> reference(OpCase c) {
        return c.op().reference(new Operands(c.op(), "case", c.inputs(), c.outputs()));
    }

    private static List<ValueType> infer(OpCase c, List<Datum> inputs, boolean constants) {
        List<InferContext.Operand> operands = new ArrayList<>();
        for (Datum d : inputs) {
            operands.add(
                    d == null
                            ? null
                            : constants && d instanceof Tensor t
                                    ? new InferContext.Operand(t)
                                    : new InferContext.Operand(d.type()));
        }
        return infer(c, operands);
    }

    private static List<ValueType> infer(OpCase c, List<InferContext.Operand> operands) {
        int[] fresh = {0};
        InferContext context =
                new InferContext(c.op(), "case", operands, c.outputs(), () -> Dim.symbol("?" + ++fresh[0]));
        c.op().schema().check(context);
        return c.op().infer(context);
    }

    private static void assertCovers(ValueType type, Datum value, String what) {
        if (type instanceof TensorType t && value instanceof Tensor v) {
            assertThat(v.dtype()).as(what).isEqualTo(t.dtype());
            assertThat(t.shape().compatibleWith(v.shape()))
                    .as(what + ": " + t + " for " + v.type())
                    .isTrue();
        } else {
            assertThat(value.type().getClass()).as(what).isEqualTo(type.getClass());
        }
    }

    /** Infers with a symbol in place of every dimension. The evaluated result must equal the shape of the reference. */
    private static void inferSymbolically(OpCase c, List<Datum> results) {
        Map<String, Long> bindings = new HashMap<>();
        List<InferContext.Operand> operands = new ArrayList<>();
        for (int i = 0; i < c.inputs().size(); i++) {
            Datum d = c.inputs().get(i);
            if (!(d instanceof Tensor t)) {
                operands.add(d == null ? null : new InferContext.Operand(d.type()));
                continue;
            }
            boolean small = t.dtype().isInteger() && t.rank() <= 1 && i > 0;
            operands.add(small ? new InferContext.Operand(t) : new InferContext.Operand(symbolic(t, i, bindings)));
        }
        List<ValueType> types = infer(c, operands);
        for (int i = 0; i < c.outputs(); i++) {
            if (!(types.get(i) instanceof TensorType t) || !t.shape().hasRank()) {
                continue;
            }
            Tensor v = (Tensor) results.get(i);
            assertThat(t.shape().rank())
                    .as("symbolic rank of output " + i + ": " + t)
                    .isEqualTo(v.rank());
            for (int k = 0; k < v.rank(); k++) {
                OptionalLong n = t.shape().dim(k).evaluate(bindings);
                if (n.isPresent()) {
                    assertThat(n.getAsLong())
                            .as("dimension " + k + " of output " + i + ": " + t)
                            .isEqualTo(v.dim(k));
                }
            }
        }
    }

    private static TensorType symbolic(Tensor t, int input, Map<String, Long> bindings) {
        List<Dim> dims = new ArrayList<>();
        for (int k = 0; k < t.rank(); k++) {
            if (t.dim(k) == 1) {
                dims.add(Dim.of(1));
                continue;
            }
            String name = "d" + input + "_" + k;
            bindings.put(name, t.dim(k));
            dims.add(Dim.symbol(name));
        }
        return new TensorType(t.dtype(), Shape.of(dims));
    }

    /** Runs the kernel of the tier, where something reads some of the outputs. */
    private static void kernels(
            OpCase c, List<Datum> expected, List<Datum> magnitudes, boolean constants, IntPredicate isRead) {
        List<TensorType> outputs = new ArrayList<>();
        for (int i = 0; i < c.outputs(); i++) {
            if (!(expected.get(i) instanceof Tensor t) || t.dtype() == DType.STRING) {
                return;
            }
            outputs.add(isRead.test(i) ? t.type() : null);
        }
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), c.op(), c.inputs(), outputs, constants, Tier.capabilities());
        if (prepared == null) {
            return;
        }
        List<Tensor> results = KernelRun.run(prepared, c.inputs());
        for (int i = 0; i < results.size(); i++) {
            String what = prepared.kernel().id() + " output " + i;
            if (isRead.test(i)) {
                Closeness.check(what, results.get(i), expected.get(i), magnitudes.get(i), c.op().numerics());
            } else {
                assertThat(results.get(i)).as(what).isNull();
            }
        }
    }
}
