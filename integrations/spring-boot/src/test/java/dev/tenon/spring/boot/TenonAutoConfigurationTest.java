package dev.tenon.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.micrometer.ObservedModels;
import dev.tenon.micrometer.TenonMeters;
import dev.tenon.op.math.Tanh;
import dev.tenon.serving.Call;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
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
                    assertThat(found).hasBean("tenonHealthIndicator").hasSingleBean(TenonMeters.class);
                });
    }

    @Test
    void doesNotStartWithoutItsModels() throws Exception {
        context.withPropertyValues("tenon.serving.models.squash.version=7")
                .run(found -> assertThat(found)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tenon.serving.models.squash.path: not set"));
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
                        .doesNotHaveBean("tenonMeters")
                        .doesNotHaveBean("tenonObservedModels"));
    }

    /** A model in a jar on the class path, which is no file. */
    @Test
    void loadsResources() throws Exception {
        Path jar = folder.resolve("models.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("models/tanh.onnx"));
            Files.copy(model(), out);
        }
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, getClass().getClassLoader())) {
            for (String path : List.of(
                    "classpath:models/tanh.onnx",
                    "file:" + model(),
                    "jar:" + jar.toUri() + "!/models/tanh.onnx",
                    model().toString())) {
                context.withClassLoader(loader)
                        .withPropertyValues("tenon.serving.models.squash.path=" + path)
                        .run(found -> assertThat(found.getBean(Models.class).serving("squash"))
                                .as(path)
                                .contains("1"));
            }
            context.withClassLoader(loader)
                    .withPropertyValues("tenon.serving.models.squash.path=classpath:models/absent.onnx")
                    .run(found ->
                            assertThat(found).getFailure().rootCause().hasMessageContaining("models/absent.onnx"));
        }
    }

    @Test
    void callsAreObserved() {
        List<String> models = new ArrayList<>();
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onStop(Observation.Context c) {
                models.add(c.getLowCardinalityKeyValue("model").getValue());
            }

            @Override
            public boolean supportsContext(Observation.Context c) {
                return true;
            }
        });
        context.withBean(ObservationRegistry.class, () -> observations)
                .withPropertyValues("tenon.serving.models.squash.path=" + model())
                .run(found -> found.getBean(ObservedModels.class)
                        .predict("squash", Map.of("x", Tensor.of(new float[] {1}, 1)), Call.standard()));
        assertThat(models).containsExactly("squash");
    }

    /** Spring Boot binds meters to the registries of the application. */
    @Test
    void metersAreBound() {
        context.withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class))
                .withBean(SimpleMeterRegistry.class, SimpleMeterRegistry::new)
                .withPropertyValues("tenon.serving.models.squash.path=" + model())
                .run(found -> {
                    found.getBean(Models.class).predict("squash", Map.of("x", Tensor.of(new float[] {1}, 1)));
                    SimpleMeterRegistry registry = found.getBean(SimpleMeterRegistry.class);
                    assertThat(registry.get("tenon.calls")
                                    .tags("model", "squash", "version", "1", "outcome", "done")
                                    .timer()
                                    .count())
                            .isOne();
                    assertThat(registry.get("tenon.queued.rows")
                                    .tags("model", "squash")
                                    .gauge()
                                    .value())
                            .isZero();
                });
    }

    @Test
    void healthFollowsTheModels() {
        context.withPropertyValues("tenon.serving.models.squash.path=" + model())
                .run(found -> {
                    HealthIndicator health = found.getBean("tenonHealthIndicator", HealthIndicator.class);
                    assertThat(health.health().getStatus()).isEqualTo(Status.UP);
                    Models models = found.getBean(Models.class);
                    models.load("other", "1", model(), Trial.none());
                    assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                    assertThat(health.health().getDetails())
                            .containsEntry("squash", "version 1 serves")
                            .containsEntry("other", "no version serves");
                    models.promote("other", "1");
                    assertThat(health.health().getStatus()).isEqualTo(Status.UP);
                });
    }
}
