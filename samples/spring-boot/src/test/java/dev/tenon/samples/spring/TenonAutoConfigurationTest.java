package dev.tenon.samples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Tanh;
import dev.tenon.serving.versions.Models;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What the properties make of an application's context. */
class TenonAutoConfigurationTest {
    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(TenonAutoConfiguration.class));

    @TempDir
    private Path folder;

    private Path model() {
        GraphBuilder graph = new GraphBuilder("tanh");
        Value x = graph.input("x", ValueType.parse("f32[n]"));
        graph.output("y", graph.add(new Tanh(), x));
        Path file = folder.resolve("tanh.onnx");
        Model.of(graph.build()).save(file);
        return file;
    }

    @Test
    void loadsTheModelsOfTheProperties() {
        context.withPropertyValues(
                        "tenon.serving.models.squash.path=" + model(),
                        "tenon.serving.models.squash.version=7",
                        "tenon.serving.threads=1",
                        "tenon.serving.deadline=250ms",
                        "tenon.serving.batching.max-rows=4",
                        "tenon.serving.batching.queue-rows=9",
                        "tenon.serving.batching.within-numerics=true")
                .run(found -> {
                    Models models = found.getBean(Models.class);
                    assertThat(models.serving("squash")).contains("7");
                    assertThat(models.batcher("squash", "7").options().maxRows())
                            .isEqualTo(4);
                    assertThat(models.batcher("squash", "7").options().queueRows())
                            .isEqualTo(9);
                    assertThat(models.batcher("squash", "7").options().isWithinNumerics())
                            .isTrue();
                    TenonProperties properties = found.getBean(TenonProperties.class);
                    assertThat(properties.call().limit().orElseThrow().toMillis())
                            .isEqualTo(250);
                    assertThat(properties.sessions().threads()).isEqualTo(1);
                    Tensor y = models.predict("squash", Map.of("x", Tensor.of(new float[] {100}, 1)), properties.call())
                            .tensor("y");
                    assertThat(y.getFloat(0)).isEqualTo(1);
                    assertThat(found).hasBean("tenonHealthIndicator").hasSingleBean(TenonMetrics.class);
                });
    }

    @Test
    void doesNotStartWithoutItsModels() throws Exception {
        context.withPropertyValues("tenon.serving.models.squash.version=7")
                .run(found -> assertThat(found)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tenon.serving.models.squash.path is not set"));
        Path broken = Files.writeString(folder.resolve("broken.onnx"), "no model");
        context.withPropertyValues("tenon.serving.models.squash.path=" + broken)
                .run(found -> assertThat(found).getFailure().rootCause().hasMessageContaining("broken.onnx"));
    }

    @Test
    void anApplicationMayBringItsOwnRegistry() {
        Models own = Models.create();
        context.withBean(Models.class, () -> own)
                .withPropertyValues("tenon.serving.models.squash.path=" + model())
                .run(found -> assertThat(found.getBean(Models.class)).isSameAs(own));
        assertThat(own.names()).isEmpty();
    }

    @Test
    void needsNeitherHealthNorMetrics() {
        context.withClassLoader(new FilteredClassLoader("org.springframework.boot.health", "io.micrometer"))
                .run(found -> assertThat(found)
                        .hasSingleBean(Models.class)
                        .doesNotHaveBean("tenonHealthIndicator")
                        .doesNotHaveBean("tenonMetrics"));
    }
}
