package dev.tenon.kernel.x64.byteconv;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorRegister;

/** Windows one by one. Registers hold three and five times the bytes of a pixel, for the addresses of the taps of a row. */
abstract class SingleWindows extends ByteDepthwiseEmitter {
    /** The sums of the window. */
    final VectorRegister[] sums;

    private final Gpr pixel3;
    private final Gpr pixel5;

    SingleWindows(DepthwiseWeights shape, boolean signedX, boolean signedY, boolean clips, int vectors) {
        super(shape, signedX, signedY, clips);
        sums = registers(FREE, vectors);
        pixel3 = registers.take();
        pixel5 = registers.take();
    }

    /** Code that adds the taps of a window to its sums; {@link #temporary} is the address of its first pixel. */
    abstract void taps();

    /** A pixel of a row of a window, whose first one is at {@link #temporary}. */
    final Address element(int column) {
        return switch (column) {
            case 0 -> Address.at(temporary, 0);
            case 1, 2, 4 -> Address.at(temporary, pixel, column, 0);
            case 3, 6 -> Address.at(temporary, pixel3, column / 3, 0);
            case 5 -> Address.at(temporary, pixel5, 1, 0);
            default -> throw new IllegalStateException("windows of " + shape.width() + " columns");
        };
    }

    @Override
    final String form() {
        return shape.height() + "x" + shape.width();
    }

    @Override
    final void startBlock() {
        a.lea(pixel3, Address.at(pixel, pixel, 2, 0));
        a.lea(pixel5, Address.at(pixel, pixel, 4, 0));
    }

    @Override
    final void windows() {
        Label turn = new Label();
        a.mov(count, ByteDepthwiseArgument.TURNS.address());
        a.align();
        a.bind(turn);
        begin(sums);
        a.mov(temporary, x);
        taps();
        finish(sums);
        a.add(x, ByteDepthwiseArgument.X_WINDOW.address());
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, turn);
    }
}
