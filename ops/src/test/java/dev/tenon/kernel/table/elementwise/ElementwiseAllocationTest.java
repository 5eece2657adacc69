package dev.tenon.kernel.table.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.catalog.MathOperators;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Once compiled, an element-wise kernel allocates nothing, even if all others have run in the same JVM. */
@Tag("fresh")
class ElementwiseAllocationTest {
    private static final long[] DIMS = {5, 800};

    @TestFactory
    Stream<DynamicTest> allocatesNothing() {
        return MathOperators.set().definitions().stream()
                .map(ElementwiseAllocationTest::sample)
                .filter(op -> op.schema()
                        .allowed(op.schema().inputs().getLast().type())
                        .contains(DType.FLOAT32))
                .filter(op -> !(op instanceof Cast))
                .map(op -> DynamicTest.dynamicTest(op.toString(), () -> allocatesNothing(op)));
    }

    private static Op sample(OpDefinition<?> d) {
        Attributes attributes =
                switch (d.schema().name()) {
                    case "BitShift" -> Attributes.none().with("direction", "LEFT");
                    case "Mod" -> Attributes.none().with("fmod", 1);
                    case "Cast" -> Attributes.none().with("to", 1);
                    default -> Attributes.none();
                };
        return d.create(attributes);
    }

    private static void allocatesNothing(Op op) {
        List<TensorType> inputs = new ArrayList<>();
        for (int i = 0; i < op.schema().inputs().size(); i++) {
            boolean truth = op.schema().inputs().get(i).type().equals("B");
            inputs.add(new TensorType(
                    truth ? DType.BOOL : DType.FLOAT32, op instanceof Clip && i > 0 ? Shape.scalar() : Shape.of(DIMS)));
        }
        boolean answers =
                !op.schema().allowed(op.schema().outputs().getFirst().type()).contains(DType.FLOAT32);
        TensorType output = new TensorType(answers ? DType.BOOL : DType.FLOAT32, Shape.of(DIMS));
        Kernel kernel = CoreKernels.set().prepare(op, KernelRequest.of(inputs, List.of(output), Tier.capabilities()));
        long[] bytes = Stream.concat(inputs.stream(), Stream.of(output))
                .flatMapToLong(t -> LongStream.of(t.dtype().byteSize(t.shape().knownElements())))
                .toArray();
        assertThat(KernelCheck.allocated(kernel, bytes)).as(kernel.id()).isZero();
    }
}
