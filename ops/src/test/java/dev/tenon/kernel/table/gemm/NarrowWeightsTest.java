package dev.tenon.kernel.table.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout;
import dev.tenon.kernel.gemm.PanelLayout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Profile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights that a model stores in 16 bits have half the size in panels, and give the same bits as those of float32. */
class NarrowWeightsTest {
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT16", "BFLOAT16"})
    void productsHaveTheBitsOfFloat32(DType type) {
        for (int i = 0; i < 60; i++) {
            int m = 1 + random.nextInt(i % 4 == 0 ? 300 : 40);
            int n = 1 + random.nextInt(100);
            int k = 1 + random.nextInt(70);
            same(new MatMul(), floats(m, k), narrow(type, k, n));
            same(new TransposedMatMul(), floats(m, k), narrow(type, n, k));
            same(new Gemm(1, 1, false, false), floats(m, k), narrow(type, k, n), floats(n));
            same(new Gemm(1, 1, false, true), floats(m, k), narrow(type, n, k), floats(1, n));
            same(
                    new Fused(
                            4,
                            new Fused.Part(new MatMul(), List.of(0, 1)),
                            List.of(
                                    new Fused.Part(new Add(), List.of(4, 2)),
                                    new Fused.Part(new Add(), List.of(5, 3)),
                                    new Fused.Part(new Relu(), List.of(6)))),
                    floats(m, k),
                    narrow(type, k, n),
                    floats(n),
                    floats(m, n));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT16", "BFLOAT16"})
    void stacksOfMatricesHaveTheBitsOfFloat32(DType type) {
        for (int i = 0; i < 10; i++) {
            int k = 1 + random.nextInt(40);
            int n = 2 + random.nextInt(70);
            same(new MatMul(), floats(3, 1 + random.nextInt(30), k), narrow(type, 3, k, n));
            same(new MatMul(), floats(2, 3, 4, k), narrow(type, 3, k, n));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT16", "BFLOAT16"})
    void convolutionsHaveTheBitsOfFloat32(DType type) {
        for (int i = 0; i < 30; i++) {
            int inputs = 1 + random.nextInt(40);
            int outputs = 1 + random.nextInt(70);
            int size = 1 + random.nextInt(3);
            int stride = 2 - random.nextInt(2) * (size == 3 ? 0 : 1);
            long pad = size / 2;
            Op conv = new ChannelsLast(Conv.of(Attributes.none()
                    .with("strides", new long[] {stride, stride})
                    .with("pads", new long[] {pad, pad, pad, pad})));
            same(
                    conv,
                    floats(2, 3 + random.nextInt(9), 3 + random.nextInt(20), inputs),
                    narrow(type, outputs, inputs, size, size),
                    floats(outputs));
        }
    }

    /** Only machine code reads 16-bit numbers, so they become float32 wherever it may not be what computes a product. */
    @Test
    void otherTiersGetFloat32() {
        Tensor b = narrow(DType.FLOAT16, 40, 50);
        Capabilities assembled = Capabilities.avx512().withInstructions(EnumSet.allOf(InstructionSet.class));
        assertThat(layout(new MatMul(), assembled, b).id()).isEqualTo("panels32-f16");
        assertThat(layout(new MatMul(), assembled, narrow(DType.BFLOAT16, 40, 50))
                        .id())
                .isEqualTo("panels32-bf16");
        assertThat(layout(new MatMul(), Capabilities.avx512(), b).id()).isEqualTo("panels32");
        assertThat(layout(new MatMul(), assembled.requesting("gemm_f32_vector"), b)
                        .id())
                .isEqualTo("panels32");
        Gemm factors = new Gemm(0.5f, 1, false, false);
        assertThat(layout(factors, assembled, b).id()).isEqualTo("panels32");
        assertThat(layout(new MatMul(), assembled, b.copy()).id()).isEqualTo("panels32");
        assertThat(layout(new MatMul(), Capabilities.SCALAR, b)).isEqualTo(Layout.ROW_MAJOR);
    }

    @Test
    void panelsOf16BitsHaveHalfTheSize() {
        Tensor b = narrow(DType.FLOAT16, 40, 50);
        for (boolean transposed : new boolean[] {false, true}) {
            assertThat(new PanelLayout(32, transposed, DType.FLOAT16).byteSize(b.type()) * 2)
                    .isEqualTo(new PanelLayout(32, transposed).byteSize(b.type()));
        }
        Tensor w = narrow(DType.BFLOAT16, 40, 5, 1, 1);
        assertThat(new ChannelsLastWeightLayout(ChannelsLastWeightLayout.Form.PANELS_BFLOAT16, 32).byteSize(w.type())
                        * 2)
                .isEqualTo(new ChannelsLastWeightLayout(ChannelsLastWeightLayout.Form.PANELS, 32).byteSize(w.type()));
    }

    @Test
    void weightsOfAnotherTypeAreRefused() {
        Tensor b = narrow(DType.FLOAT16, 4, 5);
        Layout panels = new PanelLayout(32, false, DType.BFLOAT16);
        Tensor target = Tensor.allocateNative(DType.UINT8, panels.byteSize(b.type()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> panels.pack(b, target.segment()))
                .withMessageContaining("bf16");
        assertThatIllegalArgumentException().isThrownBy(() -> panels.pack(b.copy(), target.segment()));
    }

    private static Layout layout(Op op, Capabilities machine, Tensor b) {
        TensorType any = floats(b.dim(0), b.dim(0), new Random(1)).type();
        KernelRequest step = new KernelRequest(
                List.of(any, b.type()),
                List.of(b.type()),
                List.of(Layout.ROW_MAJOR, Layout.ROW_MAJOR),
                Arrays.asList(null, b),
                machine);
        return CoreKernels.set().constantLayout(op, 1, step);
    }

    /** Compares with the kernel that gets the same weights as float32. */
    private void same(Op op, Tensor... operands) {
        for (Capabilities machine : Profile.ofEachWidth()) {
            Tensor[] wide = operands.clone();
            wide[1] = operands[1].copy();
            List<Tensor> expected = run(op, machine, false, wide);
            List<Tensor> found = run(op, machine, true, operands);
            assertThat(found.getFirst().contentEquals(expected.getFirst()))
                    .as("seed %d: %s of %s", seed, op, Arrays.toString(operands))
                    .isTrue();
        }
    }

    private static List<Tensor> run(Op op, Capabilities machine, boolean narrow, Tensor... operands) {
        List<Datum> inputs = new ArrayList<>(Arrays.asList(operands));
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, 1), true, machine);
        assertThat(prepared).isNotNull();
        Layout layout = prepared.request().layout(1);
        if (!layout.equals(Layout.ROW_MAJOR)
                && !(layout instanceof ChannelsLastWeightLayout w && w.form().tile() > 0)) {
            assertThat(layout.id().contains("f16")).as(layout.id()).isEqualTo(narrow);
        }
        return KernelRun.run(prepared, inputs);
    }

    private Tensor floats(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, (float) random.nextGaussian());
        }
        return t;
    }

    private static Tensor floats(long rows, long columns, Random random) {
        Tensor t = Tensor.allocate(DType.FLOAT32, rows, columns);
        t.setDouble(0, random.nextFloat());
        return t;
    }

    /** Random numbers, some of them the smallest and the largest of the type, widened. */
    private Tensor narrow(DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            double extreme = random.nextBoolean() ? 0x1p-24 : 65504;
            t.setDouble(i, random.nextInt(50) == 0 ? extreme : random.nextGaussian());
        }
        return t.widened();
    }
}
