package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.quant.ByteTableProblem;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.byteconv.TableEmitter.Argument;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/** Looks bytes up in a table. Elements that do not fill a vector go through a copy. */
public final class X64ByteTable implements Kernel {
    private static final long PART_ELEMENTS = 1 << 16;
    private static final int LANE = 16;
    private static final long ELEMENTS_PER_NANO = 8;

    private final RowPartition partition;
    private final TableEmitter emitter;
    private final int vector;
    private final NativeFunction function;

    private X64ByteTable(ByteTableProblem p, int bits) {
        partition = RowPartition.of(p.size(), 1, PART_ELEMENTS);
        emitter = new TableEmitter(bits);
        vector = bits / Byte.SIZE;
        function = KernelCode.of(emitter.id(), emitter::emit);
    }

    /**
     * The kernel of a problem.
     *
     * @param p the problem
     * @param bits the width of vectors, 256 or 512
     * @return the kernel
     */
    public static Kernel of(ByteTableProblem p, int bits) {
        return new X64ByteTable(p, bits);
    }

    @Override
    public String id() {
        return emitter.id();
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() / ELEMENTS_PER_NANO;
    }

    @Override
    public long scratchBytes() {
        return (long) emitter.blockBytes() + vector;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[2];
        long first = partition.start(from);
        long count = partition.start(to) - first;
        if (count == 0) {
            return;
        }
        Objects.checkFromIndexSize(first, count, x.byteSize());
        Objects.checkFromIndexSize(first, count, y.byteSize());
        Objects.checkFromIndexSize(0, scratchBytes(), scratch.byteSize());
        Argument.SIXTEENS.set(scratch, TableEmitter.SIXTEEN);
        Argument.RAISES.set(scratch, TableEmitter.RAISE);
        for (int i = 0; i < TableEmitter.SHUFFLES * vector; i += LANE) {
            MemorySegment.copy(
                    operands[1], (long) i / vector * LANE, scratch, (long) TableEmitter.TABLE_OFFSET + i, LANE);
        }
        try {
            long turns = count / vector;
            if (turns > 0) {
                call(x.address() + first, y.address() + first, turns, scratch);
            }
            long done = first + turns * vector;
            long rest = count - turns * vector;
            if (rest > 0) {
                int copy = emitter.blockBytes();
                MemorySegment.copy(x, done, scratch, copy, rest);
                call(scratch.address() + copy, scratch.address() + copy, 1, scratch);
                MemorySegment.copy(scratch, copy, y, done, rest);
            }
        } finally {
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(y);
            Reference.reachabilityFence(scratch);
        }
    }

    private void call(long x, long y, long turns, MemorySegment block) {
        Argument.X.set(block, x);
        Argument.Y.set(block, y);
        Argument.TURNS.set(block, turns);
        function.call(block.address());
    }
}
