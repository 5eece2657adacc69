package dev.tenon.kernel.x64.byteconv;

import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;

/** Windows one by one, two taps at a time in the order of the window, widened to 16 bits. Signed bytes keep their values. */
final class DepthwiseWords extends SingleWindows {
    DepthwiseWords(DepthwiseWeights shape, boolean signedX, boolean signedY, boolean clips) {
        super(shape, signedX, signedY, clips, shape.vectors());
    }

    @Override
    void taps() {
        int taps = shape.height() * shape.width();
        for (int tap = 0; tap < taps; tap++) {
            int column = tap % shape.width();
            if (tap > 0 && column == 0) {
                a.add(temporary, ByteDepthwiseArgument.X_ROW.address());
            }
            int place = tap % DepthwiseWeights.PAIR;
            a.emit(
                    isSigned() ? VectorInstruction.VPMOVSXBW : VectorInstruction.VPMOVZXBW,
                    pixels[place],
                    element(column));
            if (place == 1 || tap == taps - 1) {
                // A tap without another one gets itself, times 0.
                pair(tap / DepthwiseWeights.PAIR, pixels[0], pixels[place]);
            }
        }
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
