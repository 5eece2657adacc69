package dev.tenon.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.opentest4j.TestAbortedException;

class TestDataTest {
    private static final String DEMAND = "tenon.test.of.test.data";

    @Test
    void absentThingsAbortWithTheirCure() {
        TestData.needs(true, "nothing", DEMAND);
        assertThatThrownBy(() -> TestData.needs(false, "no thing: get it", DEMAND))
                .isInstanceOf(TestAbortedException.class)
                .hasMessage("no thing: get it");
        String property = "tenon.models.fetched";
        Class<?> expected = Boolean.getBoolean(property) ? AssertionError.class : TestAbortedException.class;
        assertThatThrownBy(() -> TestData.fetched(Path.of("no", "such.onnx")))
                .isInstanceOf(expected)
                .hasMessageContaining("no model such.onnx: run benchmarks/fetch-models");
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void demandedThingsFail() {
        System.setProperty(DEMAND, "true");
        try {
            assertThatThrownBy(() -> TestData.needs(false, "no thing: get it", DEMAND))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("-D" + DEMAND + ", but no thing: get it");
        } finally {
            System.clearProperty(DEMAND);
        }
        assertThat(Boolean.getBoolean(DEMAND)).isFalse();
    }
}
