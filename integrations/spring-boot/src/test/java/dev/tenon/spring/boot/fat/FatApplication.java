package dev.tenon.spring.boot.fat;

import dev.tenon.serving.versions.Models;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** An application that {@link FatJarTest} packs with its libraries: it asks each of its models once, and ends. */
@SpringBootApplication
public class FatApplication {
    /**
     * Starts the application.
     *
     * @param args properties
     */
    public static void main(String[] args) {
        SpringApplication.run(FatApplication.class, args);
    }

    @Bean
    CommandLineRunner ask(Models models) {
        return arguments -> {
            for (String name : models.names()) {
                float y = models.predict(name, Map.of("x", Tensor.of(new float[] {100}, 1)))
                        .tensor("y")
                        .getFloat(0);
                System.out.println(name + " says " + y);
            }
        };
    }
}
