package dev.tenon.kernel.table.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.gemm.Addend;
import dev.tenon.kernel.gemm.ByteMatrix;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.gemm.IntegerGemmProblem;
import dev.tenon.kernel.gemm.MatrixStack;
import dev.tenon.kernel.gemm.ProductSize;
import dev.tenon.kernel.gemm.ReducedGemmProblem;
import dev.tenon.kernel.table.conv.QuantizedConvKernels;
import dev.tenon.kernel.x64.byteconv.ByteConvWeights;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.kernel.x64.gemm.BytePanelLayout;
import dev.tenon.tensor.DType;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which products go to tile registers, on a machine that has them. */
class TileRegisterSelectionTest {
    private static final Set<InstructionSet> ALL = EnumSet.allOf(InstructionSet.class);

    private static Capabilities without(InstructionSet... sets) {
        Set<InstructionSet> left = EnumSet.copyOf(ALL);
        for (InstructionSet set : sets) {
            left.remove(set);
        }
        return Capabilities.SCALAR.withInstructions(left);
    }

    private static String integers(int m, int k, boolean signedA, Capabilities machine) {
        IntegerGemmProblem p = new IntegerGemmProblem(
                new ProductSize(m, 64, k),
                new ByteMatrix(signedA),
                new ByteMatrix(true),
                new BytePanelLayout(new int[1], true),
                false,
                new OutputPlace(2));
        return IntegerGemmKernels.TABLE.choose(p, machine).choice().id();
    }

    @Test
    void productsOfBytesNeedSomeRowsAndTerms() {
        Capabilities machine = without();
        assertThat(integers(8, 128, false, machine)).isEqualTo("gemm_u8s8_amx");
        assertThat(integers(8, 128, true, machine)).isEqualTo("gemm_s8s8_amx");
        assertThat(integers(7, 128, false, machine)).isEqualTo("gemm_u8s8_x64");
        assertThat(integers(100, 127, true, machine)).isEqualTo("gemm_s8s8_x64");
        assertThat(integers(100, 500, true, without(InstructionSet.AMX_INT8))).isEqualTo("gemm_s8s8_x64");
        assertThat(integers(100, 500, true, machine.requesting("gemm_s8s8_x64")))
                .isEqualTo("gemm_s8s8_x64");
        Capabilities narrow = Capabilities.SCALAR.withInstructions(
                EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX_VNNI, InstructionSet.AMX_INT8));
        assertThat(integers(100, 500, true, narrow)).isEqualTo("gemm_s8s8_x64");
    }

    private static String reduced(int m, int k, ReducedGemmProblem.Kind kind, Capabilities machine) {
        GemmProblem product = new GemmProblem(
                DType.FLOAT32,
                new ProductSize(m, 64, k),
                MatrixStack.single(false, false),
                DType.INT8,
                1,
                Addend.NONE,
                new OutputPlace(3));
        return ReducedGemmKernels.TABLE
                .choose(new ReducedGemmProblem(product, kind), machine)
                .choice()
                .id();
    }

    /** The order of a sum of BF16 products is another one in tile registers, so it may not depend on the rows. */
    @Test
    void bfloat16ProductsDoNotDependOnRows() {
        Capabilities machine = without();
        for (int m : new int[] {1, 7, 8, 100}) {
            assertThat(reduced(m, 200, ReducedGemmProblem.Kind.BFLOAT16, machine))
                    .isEqualTo("gemm_f32_as_bf16_amx");
            assertThat(reduced(m, 3, ReducedGemmProblem.Kind.BFLOAT16, machine)).isEqualTo("gemm_f32_as_bf16_amx");
        }
        assertThat(reduced(8, 128, ReducedGemmProblem.Kind.BYTES, machine)).isEqualTo("gemm_f32_as_u8_amx");
        assertThat(reduced(7, 128, ReducedGemmProblem.Kind.BYTES, machine)).isEqualTo("gemm_f32_as_u8_x64");
        Capabilities vectors = without(InstructionSet.AMX_BF16);
        assertThat(reduced(8, 128, ReducedGemmProblem.Kind.BFLOAT16, vectors)).isEqualTo("gemm_f32_as_bf16_x64");
        Capabilities brains = without(InstructionSet.AMX_INT8);
        assertThat(reduced(8, 128, ReducedGemmProblem.Kind.BFLOAT16, brains)).isEqualTo("gemm_f32_as_bf16_amx");
        assertThat(reduced(8, 128, ReducedGemmProblem.Kind.BYTES, brains)).isEqualTo("gemm_f32_as_u8_x64");
    }

    private static String convolution(int size, int kernel, int channels, boolean signedX) {
        Window2d.Axis axis = new Window2d.Axis(size, kernel, size, 1, 1, kernel / 2, kernel / 2);
        int[] numbers = new int[64];
        ByteConvWeights.Parameters parameters = new ByteConvWeights.Parameters(numbers, numbers, new float[64], false);
        ByteConvWeights layout = new ByteConvWeights(1, 3, signedX, ByteArithmetic.DOTS_512, parameters, null);
        QuantizedConvProblem p = new QuantizedConvProblem(
                new ConvShape(new Window2d(axis, axis), 1, 1, channels, 64),
                new QuantizedConvProblem.Bytes(signedX, 3),
                true,
                1,
                layout,
                false,
                new QuantizedConvProblem.Bytes(false, 5),
                2,
                null);
        return QuantizedConvKernels.TABLE.choose(p, without()).choice().id();
    }

    @Test
    void convolutionsNeedWholeChunksInEachRowOfAWindow() {
        assertThat(convolution(14, 1, 128, false)).isEqualTo("conv_i8_last_product_amx");
        assertThat(convolution(14, 1, 132, false)).isEqualTo("conv_i8_last_product_amx");
        assertThat(convolution(14, 1, 64, false)).isEqualTo("conv_i8_last_product_x64");
        assertThat(convolution(14, 3, 64, false)).isEqualTo("conv_i8_last_product_amx");
        assertThat(convolution(14, 3, 24, false)).isEqualTo("conv_i8_last_product_x64");
        assertThat(convolution(7, 3, 64, false)).isEqualTo("conv_i8_last_product_x64");
        assertThat(convolution(14, 1, 128, true)).isEqualTo("conv_i8_last_product_x64");
    }
}
