package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Window2d;
import java.util.ArrayList;
import java.util.List;

/**
 * Neighbouring windows of each line of an image, in groups of one kind.
 *
 * @param group the kind of the groups
 * @param window the first window
 * @param groups the number of groups
 * @param firstTap the first tap of a line that is read
 * @param taps the taps of a line that are read from there on; not positive if all are in the padding
 */
record DepthwiseSpan(DepthwiseGroup group, int window, int groups, int firstTap, int taps) {
    /**
     * Spans that cover all windows of a line. Some may overlap.
     *
     * @param axis the windows of a line
     */
    static List<DepthwiseSpan> of(Window2d.Axis axis) {
        List<DepthwiseSpan> sliding = sliding(axis);
        return sliding == null ? ofAnyTaps(axis) : sliding;
    }

    /** Groups that read each column once, null if there is no code for such ones. */
    private static List<DepthwiseSpan> sliding(Window2d.Axis axis) {
        if (axis.dilation() > 1
                || axis.kernel() > DepthwiseGroup.MAX_TAPS
                || axis.stride() > DepthwiseGroup.MAX_STRIDE
                || Math.max(axis.padBegin(), axis.padEnd()) > axis.kernel()) {
            return null;
        }
        int groups = Math.ceilDiv(axis.output(), DepthwiseGroup.MAX_WINDOWS);
        int windows = Math.ceilDiv(axis.output(), groups);
        List<DepthwiseSpan> spans = new ArrayList<>();
        spans.add(span(axis, windows, 0, 1));
        if (groups > 2) {
            spans.add(span(axis, windows, windows, groups - 2));
        }
        if (groups > 1) {
            spans.add(span(axis, windows, axis.output() - windows, 1));
        }
        // All groups of a span are alike, so only the first window and the last one may cross a border.
        DepthwiseGroup inner =
                groups > 2 ? spans.get(1).group() : spans.getFirst().group();
        boolean alike = groups <= 2 || inner.left() == 0 && right(axis, windows, windows * (groups - 2)) == 0;
        boolean narrow = spans.stream()
                .allMatch(s -> s.group().left() + s.group().right() < s.group().columns());
        return alike && narrow ? spans : null;
    }

    private static DepthwiseSpan span(Window2d.Axis axis, int windows, int window, int groups) {
        int left = Math.max(0, -axis.start(window));
        DepthwiseGroup group =
                new DepthwiseGroup(windows, axis.kernel(), axis.stride(), left, right(axis, windows, window));
        return new DepthwiseSpan(group, window, groups, 0, axis.kernel());
    }

    /** The columns to the right of the input that some windows span. */
    private static int right(Window2d.Axis axis, int windows, int window) {
        return Math.max(0, axis.start(window + windows - 1) + axis.kernel() - axis.input());
    }

    /** Single windows that may cross a border, and groups of others. */
    private static List<DepthwiseSpan> ofAnyTaps(Window2d.Axis axis) {
        int first = Math.min(axis.output(), axis.firstWindow(0));
        int end = Math.max(first, axis.endWindow(axis.kernel() - 1));
        List<DepthwiseSpan> spans = new ArrayList<>();
        for (int window = 0; window < axis.output(); window++) {
            if (window < first || window >= end) {
                int tap = axis.firstTap(window);
                DepthwiseGroup one = DepthwiseGroup.ofAnyTaps(1);
                spans.add(new DepthwiseSpan(one, window, 1, tap, axis.endTap(window) - tap));
            }
        }
        int groups = Math.ceilDiv(end - first, DepthwiseGroup.MAX_WINDOWS);
        if (groups > 0) {
            DepthwiseGroup group = DepthwiseGroup.ofAnyTaps(Math.ceilDiv(end - first, groups));
            int whole = (end - first) / group.windows();
            spans.add(new DepthwiseSpan(group, first, whole, 0, axis.kernel()));
            if (whole < groups) {
                spans.add(new DepthwiseSpan(group, end - group.windows(), 1, 0, axis.kernel()));
            }
        }
        return spans;
    }
}
