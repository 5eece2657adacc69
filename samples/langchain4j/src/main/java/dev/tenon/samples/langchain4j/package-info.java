/**
 * A search with the models of {@code tenon-langchain4j}, and their speed beside LangChain4j's own. Models must not live here.
 */
package dev.tenon.samples.langchain4j;
