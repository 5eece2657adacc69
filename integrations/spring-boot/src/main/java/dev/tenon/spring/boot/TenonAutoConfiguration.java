package dev.tenon.spring.boot;

import dev.tenon.Model;
import dev.tenon.error.InvalidPropertyException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.micrometer.ObservedModels;
import dev.tenon.micrometer.TenonMeters;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.spring.boot.TenonProperties.ModelFile;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;

/**
 * Makes the registry of models. An application may define a {@link Models} of its own; then the properties count for nothing.
 * Beans that are a {@link PredictionListener} are told what models do.
 */
@AutoConfiguration
@EnableConfigurationProperties(TenonProperties.class)
public class TenonAutoConfiguration {
    /** The start of a resource. A single letter is a drive of Windows. */
    private static final Pattern PROTOCOL = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:");

    /**
     * Makes the configuration.
     *
     * @param environment has all properties
     * @throws InvalidPropertyException if a property below {@code tenon.serving} has a name that there is not
     */
    public TenonAutoConfiguration(ConfigurableEnvironment environment) {
        PropertyNames.check(environment);
    }

    /**
     * The models that the properties name. The application does not start if one can't be loaded.
     *
     * @param properties the models, and how they compute
     * @param listeners are told what models do
     * @param resources finds files and resources
     * @return the registry
     * @throws InvalidPropertyException if a model has no path
     * @throws dev.tenon.error.TenonException if a model can't be loaded
     */
    @Bean
    @ConditionalOnMissingBean
    public Models tenonModels(
            TenonProperties properties, ObjectProvider<PredictionListener> listeners, ResourceLoader resources) {
        BatchOptions batching = properties.batchOptions();
        for (PredictionListener listener : listeners.orderedStream().toList()) {
            batching = batching.listener(listener);
        }
        Models models = Models.create(properties.sessions(), batching);
        properties.models().forEach((name, file) -> {
            load(models, name, file, resources);
            models.promote(name, file.version());
        });
        return models;
    }

    private static void load(Models models, String name, ModelFile file, ResourceLoader resources) {
        String property = PropertyNames.PREFIX + ".models." + name + ".path";
        if (file.path() == null || file.path().isBlank()) {
            throw new InvalidPropertyException(
                    property, "not set", "a file, or a resource as classpath:fraud.onnx", "set it");
        }
        if (!PROTOCOL.matcher(file.path()).lookingAt()) {
            models.load(name, file.version(), Path.of(file.path()), Trial.none());
            return;
        }
        Resource resource = resources.getResource(file.path());
        try {
            if (resource.isFile()) {
                models.load(name, file.version(), resource.getFile().toPath(), Trial.none());
                return;
            }
        } catch (IOException e) {
            throw new ModelFileException(property, file.path() + " can't be found: " + e, "a resource", null, e);
        }
        models.load(name, file.version(), Model.load(file.path(), resource::getInputStream), Trial.none());
    }

    /** Health, where Spring Boot's module for it is there. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HealthIndicator.class)
    static class HealthConfiguration {
        @Bean
        @ConditionalOnMissingBean(name = "tenonHealthIndicator")
        @ConditionalOnEnabledHealthIndicator("tenon")
        HealthIndicator tenonHealthIndicator(Models models) {
            return new TenonHealthIndicator(models);
        }
    }

    /** Meters and observed calls, where Micrometer is there. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({MeterRegistry.class, ObservationRegistry.class})
    static class MetricsConfiguration {
        @Bean
        @ConditionalOnMissingBean
        TenonMeters tenonMeters(ObjectProvider<Models> models) {
            return new TenonMeters(models::getIfUnique);
        }

        @Bean
        @ConditionalOnMissingBean
        ObservedModels tenonObservedModels(Models models, ObjectProvider<ObservationRegistry> observations) {
            return new ObservedModels(models, observations.getIfUnique(() -> ObservationRegistry.NOOP));
        }
    }
}
