package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;

/** Windows of one pixel: the rows are the pixels of the input, in place. */
final class PixelRows extends SingleRuns {
    PixelRows(ConvProblem p, int maxRows, Caches caches) {
        super(p, maxRows, caches);
    }

    @Override
    long rowStep() {
        return pixelBytes();
    }

    @Override
    long copyBytes() {
        return 0;
    }

    @Override
    long prepare(int part, MemorySegment x, MemorySegment scratch, long at) {
        return x.address() + firstWindow(part) * pixelBytes();
    }
}
