package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;

/** Copies of rectangles of channels-last images, with zeros for pixels outside of an image. Allocates nothing. */
final class PaddedLines {
    private final int height;
    private final int width;
    private final long pixelBytes;

    PaddedLines(ConvProblem p) {
        height = p.window().rows().input();
        width = p.window().columns().input();
        pixelBytes = (long) p.inputChannels() * Float.BYTES;
    }

    /**
     * Copies some lines.
     *
     * @param x the images
     * @param image the number of the image
     * @param firstLine the first line, which may be outside of the image
     * @param lines the number of lines
     * @param firstPixel the first pixel of each line, which may be outside of the image
     * @param pixels the number of pixels of each line
     * @param target receives the pixels, line by line
     * @param at the offset in it, bytes
     */
    void copy(
            MemorySegment x,
            long image,
            int firstLine,
            int lines,
            int firstPixel,
            long pixels,
            MemorySegment target,
            long at) {
        long left = Math.clamp(-(long) firstPixel, 0, pixels);
        long end = Math.clamp((long) width - firstPixel, left, pixels);
        for (int i = 0; i < lines; i++) {
            int line = firstLine + i;
            long to = at + i * pixels * pixelBytes;
            if (line < 0 || line >= height) {
                MemoryMoves.clear(target, to, pixels * pixelBytes);
                continue;
            }
            long from = (image * height + line) * width + firstPixel + left;
            MemoryMoves.clear(target, to, left * pixelBytes);
            MemoryMoves.copy(x, from * pixelBytes, target, to + left * pixelBytes, (end - left) * pixelBytes);
            MemoryMoves.clear(target, to + end * pixelBytes, (pixels - end) * pixelBytes);
        }
    }
}
