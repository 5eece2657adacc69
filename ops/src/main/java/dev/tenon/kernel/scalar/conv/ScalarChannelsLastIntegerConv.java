package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.conv.ChannelsLastIntegerConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Convolution of bytes with channels last into int32 or float32, one product after the other. The weights are not packed. */
public final class ScalarChannelsLastIntegerConv implements Kernel {
    private static final long PART_WORK = 400_000;

    private final ChannelsLastIntegerConvProblem p;
    private final ByteWindows windows;
    private final RowPartition partition;
    private final TileEpilogue epilogue;

    /**
     * The kernel of a problem.
     *
     * @param p a convolution whose weights are not packed
     */
    public ScalarChannelsLastIntegerConv(ChannelsLastIntegerConvProblem p) {
        this.p = p;
        windows = new ByteWindows(p.shape(), p.signedX(), p.w().signed());
        partition = RowPartition.of(p.instances() * p.window().windows(), Math.max(1, rowWork()), PART_WORK);
        epilogue = TileEpilogue.withScratchAfter(p.y().epilogue(), 0);
    }

    private long rowWork() {
        return p.window().taps() * p.inputChannels() * p.allOutputs();
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_i32_last_scalar");
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * rowWork();
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.y().operand()];
        MemorySegment w = operands[p.w().operand()];
        int xZero = p.xZero() < 0 ? 0 : ByteWindows.integer(operands[p.xZero()], 0, p.signedX());
        for (long i = partition.start(from); i < partition.start(to); i++) {
            long row = i * p.pixelStride();
            for (int m = 0; m < p.allOutputs(); m++) {
                int sum = windows.sum(operands[0], w, i, m, xZero, weightZero(operands, m));
                if (p.floatOutput()) {
                    y.setAtIndex(ValueLayout.JAVA_FLOAT, row + m, sum);
                } else {
                    y.setAtIndex(ValueLayout.JAVA_INT, row + m, sum);
                }
            }
            if (epilogue != null) {
                epilogue.apply(y, row * Float.BYTES, 1, p.allOutputs(), p.pixelStride(), operands, scratch);
            }
        }
    }

    private int weightZero(MemorySegment[] operands, int channel) {
        return p.w().zero() < 0
                ? 0
                : ByteWindows.integer(operands[p.w().zero()], p.w().zeroPerChannel() ? channel : 0, p.w().signed());
    }
}
