package dev.tenon.samples.spring;

import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes the registry of models. An application may define a {@link Models} of its own; then the properties count for nothing.
 * Beans that are a {@link PredictionListener} are told what models do.
 */
@AutoConfiguration
@EnableConfigurationProperties(TenonProperties.class)
public class TenonAutoConfiguration {
    /** Makes the configuration. */
    public TenonAutoConfiguration() {}

    /**
     * The models that the properties name. The application does not start if one can't be loaded.
     *
     * @param properties the models, and how they compute
     * @param listeners are told what models do
     * @return the registry
     */
    @Bean
    @ConditionalOnMissingBean
    public Models tenonModels(TenonProperties properties, ObjectProvider<PredictionListener> listeners) {
        BatchOptions batching = properties.batchOptions();
        for (PredictionListener listener : listeners.orderedStream().toList()) {
            batching = batching.listener(listener);
        }
        Models models = Models.create(properties.sessions(), batching);
        properties.models().forEach((name, file) -> {
            if (file.path() == null) {
                throw new IllegalStateException(
                        "tenon.serving.models." + name + ".path is not set: set it to the file of the model");
            }
            models.load(name, file.version(), file.path(), Trial.none());
            models.promote(name, file.version());
        });
        return models;
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

    /** Meters, where Micrometer is there. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    static class MetricsConfiguration {
        @Bean
        @ConditionalOnMissingBean
        TenonMetrics tenonMetrics(ObjectProvider<Models> models) {
            return new TenonMetrics(models::getIfUnique);
        }
    }
}
