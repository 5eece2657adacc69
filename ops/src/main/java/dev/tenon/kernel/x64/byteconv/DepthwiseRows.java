package dev.tenon.kernel.x64.byteconv;

import static dev.tenon.kernel.x64.byteconv.DepthwiseWeights.TAPS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Operand;

/** Windows one by one, four taps of a row at a time. */
final class DepthwiseRows extends SingleWindows {
    DepthwiseRows(DepthwiseWeights shape, boolean signedX, boolean signedY, boolean clips) {
        super(shape, signedX, signedY, clips, TAPS);
    }

    @Override
    void taps() {
        for (int row = 0; row < shape.height(); row++) {
            for (int group = 0; group < shape.groups(); group++) {
                taps(row, group);
            }
            if (row + 1 < shape.height()) {
                a.add(temporary, ByteDepthwiseArgument.X_ROW.address());
            }
        }
    }

    private void taps(int row, int group) {
        int first = group * TAPS;
        Address[] from = new Address[Math.min(TAPS, shape.width() - first)];
        for (int i = 0; i < from.length; i++) {
            from[i] = element(first + i);
        }
        interleave(from);
        Operand[] own = new Operand[TAPS];
        for (int v = 0; v < TAPS; v++) {
            own[v] = at(shape.weightOffset(row, group, v));
        }
        multiply(sums, own);
    }
}
