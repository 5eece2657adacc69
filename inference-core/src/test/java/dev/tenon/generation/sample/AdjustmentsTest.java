package dev.tenon.generation.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.generation.Sampling;
import org.junit.jupiter.api.Test;

/** Each penalty by hand. Tokens 0 and 1 are the prompt, 3, 3 and 0 were generated; token 2 never came. */
class AdjustmentsTest {
    private static final float[] ROW = {2, -1, 0.5f, 3, 0};
    private static final int[] TOKENS = {0, 1, 3, 3, 0};

    private static void gives(Sampling sampling, float... expected) {
        float[] row = ROW.clone();
        Adjustments adjustments = new Adjustments(sampling, ROW.length);
        for (int i = 0; i < 2; i++) {
            adjustments.apply(row, 0, TOKENS, 2, TOKENS.length);
            assertThat(row).containsExactly(expected);
            adjustments.undo(row);
            assertThat(row).containsExactly(ROW);
        }
    }

    private static Sampling plain() {
        return Sampling.greedy();
    }

    @Test
    void nothingIsChangedUnlessAskedFor() {
        gives(plain(), ROW);
        gives(plain().repetitionPenalty(2).presencePenalty(1).penaltyTokens(0), ROW);
    }

    @Test
    void repetitionDividesPositiveLogitsAndMultipliesOthers() {
        gives(plain().repetitionPenalty(2), 1, -2, 0.5f, 1.5f, 0);
        gives(plain().repetitionPenalty(0.5), 4, -0.5f, 0.5f, 6, 0);
    }

    @Test
    void presenceCountsGeneratedTokensOnce() {
        gives(plain().presencePenalty(0.25), 1.75f, -1, 0.5f, 2.75f, 0);
    }

    @Test
    void frequencyCountsGeneratedTokensEachTime() {
        gives(plain().frequencyPenalty(0.5), 1.5f, -1, 0.5f, 2, 0);
        gives(plain().frequencyPenalty(-0.5), 2.5f, -1, 0.5f, 4, 0);
    }

    @Test
    void repetitionComesBeforeTheOthers() {
        gives(plain().repetitionPenalty(2).frequencyPenalty(0.5).presencePenalty(0.25), 0.25f, -2, 0.5f, 0.25f, 0);
    }

    @Test
    void biasComesFirst() {
        gives(plain().bias(1, 2).repetitionPenalty(2), 1, 0.5f, 0.5f, 1.5f, 0);
        gives(plain().bias(3, -4).bias(4, 1), 2, -1, 0.5f, -1, 1);
        gives(plain().bias(3, Double.NEGATIVE_INFINITY).repetitionPenalty(2), 1, -2, 0.5f, Float.NEGATIVE_INFINITY, 0);
    }

    @Test
    void penaltiesLookAtTheLastTokens() {
        gives(plain().presencePenalty(1).penaltyTokens(1), 1, -1, 0.5f, 3, 0);
        gives(plain().frequencyPenalty(1).penaltyTokens(2), 1, -1, 0.5f, 2, 0);
        gives(plain().repetitionPenalty(2).penaltyTokens(4), 1, -2, 0.5f, 1.5f, 0);
        gives(plain().repetitionPenalty(2).penaltyTokens(3), 1, -1, 0.5f, 1.5f, 0);
        gives(plain().repetitionPenalty(2).penaltyTokens(Integer.MAX_VALUE), 1, -2, 0.5f, 1.5f, 0);
    }
}
