package dev.tenon.kernel.x64.byteconv;

import static dev.tenon.kernel.x64.byteconv.DepthwiseWeights.TAPS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.Operand;
import dev.tenon.asm.VectorRegister;

/** Windows one by one, four taps of a row at a time. */
final class DepthwiseRows extends DepthwiseEmitter {
    private final VectorRegister[] sums;
    private final Gpr pixel3;
    private final Gpr pixel5;

    DepthwiseRows(DepthwiseWeights shape, boolean signedX, boolean signedY, boolean clips) {
        super(shape, signedX, signedY, clips);
        sums = registers(FREE, TAPS);
        pixel3 = registers.take();
        pixel5 = registers.take();
    }

    @Override
    String form() {
        return shape.height() + "x" + shape.width();
    }

    @Override
    void startBlock() {
        a.lea(pixel3, Address.at(pixel, pixel, 2, 0));
        a.lea(pixel5, Address.at(pixel, pixel, 4, 0));
    }

    @Override
    void windows() {
        Label turn = new Label();
        a.mov(count, DepthwiseArgument.TURNS.address());
        a.align();
        a.bind(turn);
        begin(sums);
        a.mov(temporary, x);
        for (int row = 0; row < shape.height(); row++) {
            for (int group = 0; group < shape.groups(); group++) {
                taps(row, group);
            }
            if (row + 1 < shape.height()) {
                a.add(temporary, DepthwiseArgument.X_ROW.address());
            }
        }
        finish(sums);
        a.add(x, DepthwiseArgument.X_WINDOW.address());
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, turn);
    }

    private void taps(int row, int group) {
        int first = group * TAPS;
        Address[] from = new Address[Math.min(TAPS, shape.width() - first)];
        for (int i = 0; i < from.length; i++) {
            from[i] = element(temporary, pixel3, pixel5, first + i);
        }
        interleave(from);
        Operand[] own = new Operand[TAPS];
        for (int v = 0; v < TAPS; v++) {
            own[v] = at(shape.weightOffset(row, group, v));
        }
        multiply(sums, own);
    }
}
