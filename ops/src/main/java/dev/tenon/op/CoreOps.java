package dev.tenon.op;

import dev.tenon.op.attention.AttentionOps;
import dev.tenon.op.contrib.ContribOps;
import dev.tenon.op.fused.FusedOps;
import dev.tenon.op.loss.LossOps;
import dev.tenon.op.math.MathOps;
import dev.tenon.op.nn.NnOps;
import dev.tenon.op.quant.QuantOps;
import dev.tenon.op.random.RandomOps;
import dev.tenon.op.recurrent.RecurrentOps;
import dev.tenon.op.reduce.ReduceOps;
import dev.tenon.op.sequence.SequenceOps;
import dev.tenon.op.shape.ShapeOps;
import dev.tenon.op.signal.SignalOps;
import dev.tenon.op.tabular.TabularOps;
import dev.tenon.op.text.TextOps;
import dev.tenon.op.vision.VisionOps;

/**
 * The operators that work on tensors alone, a line a family: those of the standard and of its widely used extension, and
 * those made of them.
 */
public final class CoreOps {
    private static final OpSet SET = OpSet.empty()
            .plus(TabularOps.SET)
            .plus(TextOps.SET)
            .plus(SequenceOps.SET)
            .plus(MathOps.SET)
            .plus(NnOps.SET)
            .plus(ReduceOps.SET)
            .plus(QuantOps.SET)
            .plus(AttentionOps.SET)
            .plus(ContribOps.SET)
            .plus(FusedOps.SET)
            .plus(LossOps.SET)
            .plus(RandomOps.SET)
            .plus(RecurrentOps.SET)
            .plus(SignalOps.SET)
            .plus(ShapeOps.SET)
            .plus(VisionOps.SET);

    private CoreOps() {}

    /**
     * All families.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }
}
