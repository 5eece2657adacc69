package dev.tenon.generation.schedule;

import dev.tenon.budget.JvmLimits;
import dev.tenon.generation.cache.DecoderSteps;
import dev.tenon.generation.cache.Step;
import dev.tenon.generation.schedule.StepPlanner.Share;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import java.util.List;

/** A step of some sequences: its arrays, its run, and the tokens that it chooses. */
final class StepRun {
    final List<Share<Sequence>> shares;
    final int tokens;
    private final Step step;
    private final Cancellation cancellation = new Cancellation();

    /** Under the lock. */
    StepRun(List<Share<Sequence>> shares, long now) {
        this.shares = shares;
        this.tokens = shares.stream().mapToInt(Share::tokens).sum();
        int[] ids = new int[tokens];
        int[] sequences = new int[tokens];
        int[] positions = new int[tokens];
        int[][] pages = new int[shares.size()][];
        int[] rows = new int[(int) shares.stream().filter(StepRun::isLast).count()];
        int at = 0;
        int row = 0;
        for (int i = 0; i < shares.size(); i++) {
            Sequence s = shares.get(i).of();
            for (int p = s.computed; p < s.computed + shares.get(i).tokens(); p++) {
                ids[at] = s.tokens()[p];
                sequences[at] = i;
                positions[at++] = p;
            }
            if (isLast(shares.get(i))) {
                rows[row++] = at - 1;
            }
            pages[i] = s.lease.pages();
            s.begin(now);
        }
        this.step = new Step(ids, sequences, positions, pages, rows);
    }

    /** Whether a sequence has all its tokens in its pages after the step. */
    private static boolean isLast(Share<Sequence> share) {
        return share.of().missing() == share.tokens();
    }

    /** Nobody wants its results any more. */
    void cancel() {
        cancellation.cancel();
    }

    boolean isCancelled() {
        return cancellation.isCancelled();
    }

    /** Whether none of its sequences goes on. */
    boolean isGone() {
        return shares.stream().allMatch(share -> share.of().hasEnded());
    }

    /**
     * Runs the step and chooses the next tokens, on the thread that leads, without the lock.
     *
     * @param name the name in messages
     * @param steps runs the tokens
     * @param room for logits
     * @return the room, or more if there was too little
     */
    float[] run(String name, DecoderSteps steps, float[] room) {
        return JvmLimits.typed("a step of '" + name + "'", "raise -Xmx, or lower GeneratorOptions.maxSequences", () -> {
            int wanted = Math.multiplyExact(step.rows().length, steps.vocabulary());
            float[] logits = room.length < wanted ? new float[wanted] : room;
            steps.run(step, logits, Call.standard().cancelledBy(cancellation));
            int row = 0;
            for (Share<Sequence> share : shares) {
                if (isLast(share)) {
                    share.of().choose(logits, row * steps.vocabulary());
                    row++;
                }
            }
            return logits;
        });
    }
}
