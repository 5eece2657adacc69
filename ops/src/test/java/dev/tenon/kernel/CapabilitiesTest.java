package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.gemm.Addend;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.gemm.MatrixStack;
import dev.tenon.kernel.gemm.ProductSize;
import dev.tenon.kernel.norm.SoftmaxProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.gemm.GemmKernels;
import dev.tenon.kernel.table.norm.SoftmaxKernels;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.Softmax;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Small problems run in scalar loops, which are fast before the JIT compiler has seen them often. */
@Tag("short")
class CapabilitiesTest {
    private static final Capabilities MACHINE = Capabilities.avx512().withMinVectorNanos(300);

    @Test
    void littleWorkIsLeftToPlainLoops() {
        assertThat(kernel(new Add(), "f32[3,32]", "f32[3,32]", "f32[32]")).isEqualTo("add_f32_scalar");
        assertThat(kernel(new Softmax(-1), "f32[3,7]", "f32[3,7]")).isEqualTo("softmax_f32_scalar");
        assertThat(kernel(new MatMul(), "f32[3,8]", "f32[3,32]", "f32[32,8]")).isEqualTo("gemm_f32_scalar");
    }

    /** A row has the bits that it has alone. */
    @Test
    void rowsBesideARowDoNotMatter() {
        for (int n : new int[] {1, 2, 1000}) {
            assertThat(softmax(n, 7)).isEqualTo("softmax_f32_scalar");
            assertThat(softmax(n, 40)).isEqualTo("softmax_f32_vector");
            assertThat(choice(product(n, 1, 8))).isEqualTo("gemm_f32_scalar");
            assertThat(choice(product(n, 1, 64))).isEqualTo("gemm_f32_dots_vector");
        }
    }

    /** An approximation differs from the exact function, so no size decides between them. */
    @Test
    @Tag("vector")
    void approximationsTakeVectorsWhateverTheSize() {
        for (int n : new int[] {1, 2, 1000}) {
            String rows = "f32[" + n + ",2]";
            assertThat(kernel(new HardSwish(), rows, rows)).startsWith("hardswish_f32_vector");
        }
    }

    private static String softmax(int rows, int classes) {
        return SoftmaxKernels.TABLE
                .choose(new SoftmaxProblem(rows, classes, 1, false), MACHINE)
                .choice()
                .id();
    }

    @Test
    void muchWorkIsDoneByVectors() {
        assertThat(CoreKernels.set().has(new Exp())).isTrue();
        assertThat(GemmKernels.TABLE
                        .choose(product(64, 128, 64), MACHINE)
                        .choice()
                        .id())
                .isEqualTo("gemm_f32_vector");
        assertThat(GemmKernels.TABLE
                        .choose(product(3, 32, 16), MACHINE.withMinVectorNanos(0))
                        .choice()
                        .id())
                .isEqualTo("gemm_f32_vector");
        assertThat(SoftmaxKernels.TABLE
                        .choose(new SoftmaxProblem(100, 100, 1, false), MACHINE)
                        .choice()
                        .id())
                .isEqualTo("softmax_f32_vector");
    }

    @Test
    void fewRowsReadARowMajorRightOperand() {
        assertThat(choice(product(1, 1024, 1024))).isEqualTo("gemm_f32_rows_vector");
        assertThat(choice(product(4, 4096, 1024))).isEqualTo("gemm_f32_rows_vector");
        assertThat(choice(product(16, 1024, 1024))).isEqualTo("gemm_f32_vector");
        assertThat(choice(product(4, 64, 64))).isEqualTo("gemm_f32_vector");
        assertThat(choice(transposed(1, 64, 64))).isEqualTo("gemm_f32_dots_vector");
        assertThat(choice(transposed(8, 1024, 1024))).isEqualTo("gemm_f32_dots_vector");
        assertThat(choice(transposed(64, 1024, 1024))).isEqualTo("gemm_f32_vector");
        assertThat(choice(product(4096, 1, 256))).isEqualTo("gemm_f32_dots_vector");
    }

    private static String choice(GemmProblem problem) {
        return GemmKernels.TABLE.choose(problem, MACHINE).choice().id();
    }

    private static GemmProblem transposed(int m, int n, int k) {
        return new GemmProblem(
                DType.FLOAT32,
                new ProductSize(m, n, k),
                MatrixStack.single(false, true),
                null,
                1,
                Addend.NONE,
                new OutputPlace(2));
    }

    @Test
    void weightsArePackedUnlessTheyAreOneColumn() {
        assertThat(layout(Tensor.wrap(new float[3 * 2], 3, 2))).isEqualTo("panels32");
        assertThat(layout(Tensor.wrap(new float[64], 64, 1))).isEqualTo("row-major");
        assertThat(layout(Tensor.wrap(new float[64 * 32], 64, 32))).isEqualTo("panels32");
    }

    @Test
    void aTableSelectsTheKernelThatIsAskedForOrNone() {
        Capabilities asking = MACHINE.requesting("softmax_f32_scalar");
        assertThat(SoftmaxKernels.TABLE
                        .choose(new SoftmaxProblem(100, 100, 1, false), asking)
                        .choice()
                        .id())
                .isEqualTo("softmax_f32_scalar");
        assertThat(SoftmaxKernels.TABLE
                        .choose(new SoftmaxProblem(100, 100, 1, false), asking)
                        .refusals())
                .contains(
                        "softmax_f32_vector: softmax_f32_scalar is requested",
                        "softmax_f32_columns_vector: softmax_f32_scalar is requested");
        assertThat(SoftmaxKernels.TABLE
                        .choose(new SoftmaxProblem(100, 100, 2, false), MACHINE.requesting("softmax_f32_vector"))
                        .choice())
                .isNull();
        assertThat(GemmKernels.TABLE
                        .choose(product(64, 128, 64), asking)
                        .choice()
                        .id())
                .isEqualTo("gemm_f32_vector");
    }

    @Test
    void askingNeedNotNameTheWidthOfVectors() {
        Capabilities asking = MACHINE.requesting("add_f32_vector");
        assertThat(asking.isRequested("add_f32_vector512")).isTrue();
        assertThat(asking.isRequested("add_f32_vector")).isTrue();
        assertThat(asking.isRequested("add_f32_scalar")).isFalse();
        assertThat(MACHINE.isRequested("add_f32_vector")).isFalse();
        assertThat(MACHINE.requesting("add_f32_vector512").isRequested("add_f32_vector256"))
                .isFalse();
        assertThat(MACHINE.requesting("add_f32_scalar")
                        .strict()
                        .withMinVectorNanos(0)
                        .requested())
                .isEqualTo("add_f32_scalar");
    }

    private static String layout(Tensor weights) {
        TensorType any = (TensorType) ValueType.parse("f32[m,k]");
        KernelRequest step = new KernelRequest(
                List.of(any, weights.type()),
                List.of(any),
                List.of(Layout.ROW_MAJOR, Layout.ROW_MAJOR),
                Arrays.asList(null, weights),
                MACHINE);
        return CoreKernels.set().constantLayout(new MatMul(), 1, step).id();
    }

    private static GemmProblem product(int m, int n, int k) {
        return new GemmProblem(
                DType.FLOAT32,
                new ProductSize(m, n, k),
                MatrixStack.single(false, false),
                null,
                1,
                Addend.NONE,
                new OutputPlace(2));
    }

    private static String kernel(Op op, String output, String... inputs) {
        List<TensorType> types =
                Arrays.stream(inputs).map(t -> (TensorType) ValueType.parse(t)).toList();
        return CoreKernels.set()
                .prepare(op, KernelRequest.of(types, List.of((TensorType) ValueType.parse(output)), MACHINE))
                .id();
    }
}
