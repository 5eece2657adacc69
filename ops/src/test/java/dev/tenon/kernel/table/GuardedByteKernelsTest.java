package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.fused.ByteTable;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.GuardPages;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Kernels of bytes on operands that touch pages which end the process when they are touched: at their first byte, and at their
 * last one. Each way to multiply bytes that the processor has is a machine of its own.
 */
@Tag("assembled")
class GuardedByteKernelsTest {
    /** Scratch memory is aligned to so many bytes. */
    private static final int ALIGNMENT = 64;

    private static final int[] CHANNELS = {4, 12, 16, 20, 32, 36, 64, 100};

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private List<Capabilities> machines;

    @BeforeEach
    void detect() {
        machines = Profile.ofEachByteProduct();
    }

    private Tensor bytes(DType type, long... dims) {
        return Literals.random(type, random.nextLong(), dims);
    }

    private DType anyBytes() {
        return random.nextBoolean() ? DType.INT8 : DType.UINT8;
    }

    private void check(Op op, Datum... operands) {
        List<Datum> list = Arrays.asList(operands);
        for (Capabilities machine : machines) {
            KernelRun.Prepared prepared =
                    KernelRun.prepare(CoreKernels.set(), op, list, KernelRun.outputTypes(op, list, 1), true, machine);
            if (op instanceof DynamicQuantizedMatMul && !machine.multipliesBytes()) {
                assertThat(prepared.kernel().id()).endsWith("_scalar");
                continue;
            }
            assertThat(prepared.kernel().id()).contains("avx");
            Tensor expected = KernelRun.run(prepared, list).getFirst();
            for (boolean last : new boolean[] {false, true}) {
                assertThat(guarded(prepared, list, expected.byteSize(), last).mismatch(expected.segment()))
                        .as(
                                "seed %d, %s of %s by %s",
                                seed, op, list, prepared.kernel().id())
                        .isEqualTo(-1);
            }
        }
    }

    private static MemorySegment guarded(
            KernelRun.Prepared prepared, List<Datum> operands, long resultBytes, boolean last) {
        KernelRequest request = prepared.request();
        Kernel kernel = prepared.kernel();
        List<MemorySegment> memory = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i) == null) {
                memory.add(null);
                continue;
            }
            long bytes = request.layout(i).byteSize(request.inputs().get(i));
            memory.add(GuardPages.of(bytes).part(bytes, last));
            request.layout(i).pack((Tensor) operands.get(i), memory.get(i));
        }
        MemorySegment result = GuardPages.of(resultBytes).part(resultBytes, last);
        memory.add(result);
        long scratch = (kernel.scratchBytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        kernel.runAll(
                memory.toArray(MemorySegment[]::new), GuardPages.of(scratch).part(scratch, last));
        return result;
    }

    /** A convolution with channels last; weights with small numbers have pairs that fit 16 bits. */
    private void convolution(int[] x, int[] w, int group, int stride, int pad) {
        QLinearConv op = QLinearConv.of(Attributes.none()
                .with("group", group)
                .with("strides", new long[] {1, stride})
                .with("pads", new long[] {pad, 0, pad, pad}));
        DType signed = anyBytes();
        Tensor weights = bytes(DType.INT8, Arrays.stream(w).asLongStream().toArray());
        boolean small = random.nextBoolean();
        for (long i = 0; i < weights.size() && small; i++) {
            weights.setLong(i, weights.getLong(i) / 2);
        }
        Tensor scales = Tensor.allocate(DType.FLOAT32, w[0]);
        Tensor bias = Tensor.allocate(DType.INT32, w[0]);
        for (int i = 0; i < w[0]; i++) {
            scales.setDouble(i, 0.01 * (1 + i % 7));
            bias.setLong(i, 1000L * i - 20_000);
        }
        DType result = anyBytes();
        check(
                new ChannelsLast(op),
                bytes(signed, Arrays.stream(x).asLongStream().toArray()),
                Tensor.scalar(0.02f),
                bytes(signed),
                weights,
                scales,
                Tensor.allocate(DType.INT8, w[0]),
                Tensor.scalar(0.9f),
                bytes(result),
                bias);
    }

    /** A convolution into integers, of which all zero points matter. */
    private void integers(int[] x, int[] w, int group, int stride, int pad) {
        ConvInteger op = ConvInteger.of(Attributes.none()
                .with("group", group)
                .with("strides", new long[] {1, stride})
                .with("pads", new long[] {pad, 0, pad, pad}));
        DType input = anyBytes();
        DType weights = anyBytes();
        check(
                new ChannelsLast(op),
                bytes(input, Arrays.stream(x).asLongStream().toArray()),
                bytes(weights, Arrays.stream(w).asLongStream().toArray()),
                bytes(input),
                random.nextBoolean() ? bytes(weights, w[0]) : Tensor.allocate(weights));
    }

    @Test
    void convolutionsIntoIntegers() {
        for (int channels : new int[] {1, 3, 16, 17, 33, 64, 100}) {
            int inputs = 2 + random.nextInt(9);
            integers(new int[] {1, 4, 5, inputs}, new int[] {channels, inputs, 2, 3}, 1, 1, 1);
            integers(new int[] {1, 4, 9, inputs}, new int[] {channels, inputs, 3, 2}, 1, 2, 0);
            integers(new int[] {2, 3, 5, 4 * inputs}, new int[] {channels, 4 * inputs, 1, 1}, 1, 1, 0);
            integers(new int[] {2, 3, 5, inputs}, new int[] {channels, inputs, 1, 1}, 1, 1, 0);
            integers(new int[] {1, 4, 5, 2 * inputs}, new int[] {2 * channels, inputs, 3, 3}, 2, 1, 1);
        }
    }

    @Test
    void convolutions() {
        for (int channels : CHANNELS) {
            int inputs = 1 + random.nextInt(9);
            convolution(new int[] {1, 4, 5, inputs}, new int[] {channels, inputs, 2, 3}, 1, 1, 1);
            convolution(new int[] {2, 3, 5, 4 * inputs}, new int[] {channels, 4 * inputs, 3, 3}, 1, 2, 0);
            convolution(new int[] {1, 3, 5, 4 * inputs}, new int[] {channels, 4 * inputs, 1, 1}, 1, 1, 0);
            convolution(new int[] {1, 3, 4, inputs}, new int[] {channels, inputs, 1, 1}, 1, 2, 0);
            convolution(new int[] {1, 3, 4, 2 * inputs}, new int[] {8 * channels, inputs, 2, 2}, 2, 1, 0);
        }
    }

    @Test
    void depthwiseConvolutions() {
        for (int channels : CHANNELS) {
            for (int size : new int[] {1, 2, 3, 5, 7}) {
                int[] x = {1, size + 1, size + 2, channels};
                convolution(x, new int[] {channels, 1, size, size}, channels, 1 + size % 2, 0);
                convolution(x, new int[] {channels, 1, size, size}, channels, 1, size / 2);
            }
        }
    }

    @Test
    void poolsSumsAndTables() {
        for (int size : new int[] {1, 5, 16, 17, 31, 32, 33, 63, 64, 65, 130}) {
            Attributes window = Attributes.none().with("kernel_shape", new long[] {2, 3});
            DType type = anyBytes();
            Tensor x = bytes(type, 1, 3, 4, size);
            check(new ChannelsLast(MaxPool.of(window)), x);
            check(
                    new ChannelsLast(QLinearAveragePool.of(window)),
                    x,
                    Tensor.scalar(0.3f),
                    bytes(type),
                    Tensor.scalar(0.2f),
                    bytes(type));
            check(
                    new QLinearAdd(),
                    bytes(type, size),
                    Tensor.scalar(0.5f),
                    bytes(type),
                    bytes(type, size),
                    Tensor.scalar(0.25f),
                    bytes(type),
                    Tensor.scalar(0.7f),
                    bytes(type));
            check(new ByteTable(), bytes(type, size), bytes(anyBytes(), ByteTable.SIZE));
        }
    }

    @Test
    void productsOfQuantisedRows() {
        for (int[] size : new int[][] {{1, 1, 1}, {3, 17, 5}, {12, 33, 7}, {13, 49, 64}, {7, 97, 66}, {140, 80, 30}}) {
            Tensor a = Tensor.allocate(DType.FLOAT32, size[0], size[2]);
            Tensor scales = Tensor.allocate(DType.FLOAT32, size[1]);
            for (long i = 0; i < a.size(); i++) {
                a.setDouble(i, random.nextGaussian());
            }
            for (long i = 0; i < scales.size(); i++) {
                scales.setDouble(i, random.nextDouble());
            }
            check(new DynamicQuantizedMatMul(), a, bytes(DType.INT8, size[2], size[1]), scales);
        }
    }
}
