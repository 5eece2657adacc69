package dev.tenon.kernel;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.List;

/** The families of an operator that sets different problems, depending on its operands. The first that has a kernel computes a step. */
record FirstFamily(List<KernelFamily<?>> families) implements KernelLowering<Op> {
    @Override
    public Kernel prepare(Op op, KernelRequest step) {
        for (KernelFamily<?> each : families) {
            Kernel kernel = each.prepare(op, step);
            if (kernel != null) {
                return kernel;
            }
        }
        return null;
    }

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        for (KernelFamily<?> each : families) {
            Layout layout = each.constantLayout(op, input, step);
            if (!layout.equals(Layout.ROW_MAJOR)) {
                return layout;
            }
        }
        return Layout.ROW_MAJOR;
    }

    @Override
    public List<String> refusals(Op op, KernelRequest step) {
        List<String> lines = new ArrayList<>();
        for (KernelFamily<?> each : families) {
            List<String> own = each.refusals(op, step);
            if (each.prepare(op, step) != null) {
                return own;
            }
            lines.addAll(own);
        }
        return lines;
    }

    @Override
    public String reasonAgainst(Op op, KernelRequest step) {
        List<String> reasons = new ArrayList<>();
        for (KernelFamily<?> each : families) {
            String reason = each.reasonAgainst(op, step);
            if (reason == null) {
                return null;
            }
            reasons.add(reason);
        }
        return String.join("; ", reasons);
    }
}
