package dev.tenon.kernel.x64.byteconv;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;

/** Windows one by one, two taps at a time in the order of the window, widened to 16 bits. Signed bytes keep their values. */
final class DepthwiseWords extends DepthwiseEmitter {
    private final VectorRegister[] sums;
    private final Gpr pixel3;
    private final Gpr pixel5;

    DepthwiseWords(DepthwiseWeights shape, boolean signedX, boolean signedY, boolean clips) {
        super(shape, signedX, signedY, clips);
        sums = registers(FREE, shape.vectors());
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
        int taps = shape.height() * shape.width();
        for (int tap = 0; tap < taps; tap++) {
            int column = tap % shape.width();
            if (tap > 0 && column == 0) {
                a.add(temporary, DepthwiseArgument.X_ROW.address());
            }
            int place = tap % DepthwiseWeights.PAIR;
            a.emit(
                    isSigned() ? VectorInstruction.VPMOVSXBW : VectorInstruction.VPMOVZXBW,
                    pixels[place],
                    element(temporary, pixel3, pixel5, column));
            if (place == 1 || tap == taps - 1) {
                // A tap without another one gets itself, times 0.
                pair(tap / DepthwiseWeights.PAIR, pixels[0], pixels[place]);
            }
        }
        finish(sums);
        a.add(x, DepthwiseArgument.X_WINDOW.address());
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, turn);
    }

    private void pair(int group, VectorRegister first, VectorRegister second) {
        VectorRegister[] interleaved = {pixels[2], pixels[3]};
        a.emit(VectorInstruction.VPUNPCKLWD, interleaved[0], first, second);
        a.emit(VectorInstruction.VPUNPCKHWD, interleaved[1], first, second);
        for (int v = 0; v < shape.vectors(); v++) {
            a.emit(VectorInstruction.VPMADDWD, interleaved[v], interleaved[v], at(shape.weightOffset(0, group, v)));
            a.emit(VectorInstruction.VPADDD, sums[v], sums[v], interleaved[v]);
        }
    }
}
