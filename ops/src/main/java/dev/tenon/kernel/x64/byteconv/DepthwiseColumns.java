package dev.tenon.kernel.x64.byteconv;

import static dev.tenon.kernel.x64.byteconv.DepthwiseWeights.TAPS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;

/**
 * Windows of at most four rows. The pixels of a column are interleaved once, and added to the sums of all windows that have the
 * column. So the sums of several windows are in registers, and the weights of all columns too. A turn of the loop has as many
 * windows as there are sums.
 */
final class DepthwiseColumns extends ByteDepthwiseEmitter {
    private final int stride;
    private final int together;
    private final VectorRegister[][] sums;
    private final VectorRegister[][] own;
    private final Gpr[] rows;

    DepthwiseColumns(DepthwiseWeights shape, int stride, boolean signedX, boolean signedY, boolean clips) {
        super(shape, signedX, signedY, clips);
        this.stride = Math.min(stride, shape.width());
        together = together(shape, stride);
        sums = new VectorRegister[together][];
        own = new VectorRegister[shape.width()][];
        for (int i = 0; i < together; i++) {
            sums[i] = registers(FREE + i * TAPS, TAPS);
        }
        for (int i = 0; i < own.length; i++) {
            own[i] = registers(FREE + (together + i) * TAPS, TAPS);
        }
        rows = registers.take(shape.height() - 1);
    }

    /** The windows of a turn. */
    static int together(DepthwiseWeights shape, int stride) {
        return shape.columns() ? Math.ceilDiv(shape.width(), Math.min(stride, shape.width())) : 1;
    }

    @Override
    String form() {
        return shape.height() + "x" + shape.width() + "s" + stride;
    }

    @Override
    void startBlock() {
        for (int column = 0; column < shape.width(); column++) {
            for (int v = 0; v < TAPS; v++) {
                a.emit(VectorInstruction.VMOVUPS, own[column][v], at(shape.weightOffset(0, column, v)));
            }
        }
    }

    @Override
    void windows() {
        Label turn = new Label();
        Label rest = new Label();
        Label end = new Label();
        a.mov(temporary, x);
        for (Gpr row : rows) {
            a.add(temporary, ByteDepthwiseArgument.X_ROW.address());
            a.mov(row, temporary);
        }
        for (int column = 0; column < shape.width() - stride; column++) {
            column(column, 0);
        }
        ByteDepthwiseArgument.TURNS.jumpIfZero(a, count, rest);
        a.align();
        a.bind(turn);
        for (int phase = 0; phase < together; phase++) {
            window(phase);
        }
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.bind(rest);
        a.mov(count, ByteDepthwiseArgument.REST.address());
        for (int phase = 0; phase < together - 1; phase++) {
            a.cmp(count, phase);
            a.jump(Condition.EQUAL, end);
            window(phase);
        }
        a.bind(end);
    }

    /** The columns of a window that come after those of the window before; then its result. */
    private void window(int phase) {
        for (int column = Math.max(0, shape.width() - stride); column < shape.width(); column++) {
            column(column, phase);
        }
        finish(sums[phase]);
        a.add(x, ByteDepthwiseArgument.X_WINDOW.address());
        for (Gpr row : rows) {
            a.add(row, ByteDepthwiseArgument.X_WINDOW.address());
        }
    }

    /** Adds a column, counted from the first one of a window, to that window and those after it that have the column. */
    private void column(int column, int phase) {
        Address[] from = new Address[shape.height()];
        for (int i = 0; i < from.length; i++) {
            Gpr row = i == 0 ? x : rows[i - 1];
            from[i] = column == 0 ? Address.at(row, 0) : Address.at(row, pixel, column, 0);
        }
        interleave(from);
        for (int next = 0; next * stride <= column; next++) {
            int tap = column - next * stride;
            if (tap < shape.width()) {
                VectorRegister[] window = sums[(phase + next) % together];
                if (tap == 0) {
                    begin(window);
                }
                multiply(window, own[tap]);
            }
        }
    }
}
