package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AgreementTest {
    @Test
    void samplesWithoutALabelDoNotCount() {
        Agreement agreement = new Agreement(true);
        agreement.add(new float[] {5, 1, 5, 1, 1, 5}, new float[] {0, 0, 0, 1, 0, 1}, 2);
        assertThat(agreement.mean()).isEqualTo(0.5);
        Agreement none = new Agreement(true);
        none.add(new float[] {5, 1}, new float[2], 2);
        assertThat(none.mean()).isNaN();
    }

    @Test
    void cosinesOfZerosCount() {
        Agreement agreement = new Agreement(false);
        agreement.add(new float[] {0, 0, 3, 4, 1, 0}, new float[] {0, 0, 3, 4, 0, 0}, 2);
        assertThat(agreement.mean()).isEqualTo(2 / 3.0);
    }
}
