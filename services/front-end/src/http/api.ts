import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { FrontEnd } from '../sip/context.ts';
import { addAccountRoutes } from './account-routes.ts';
import { addAddressBookRoutes } from './address-book-routes.ts';
import { addAppPasswordRoutes } from './app-password-routes.ts';
import { addContactRoutes } from './contact-routes.ts';
import { addEndpointRoutes } from './endpoint-routes.ts';
import { addEventRoutes } from './event-routes.ts';
import { addFrontEndRoutes } from './front-end-routes.ts';
import { addGroupRoutes } from './group-routes.ts';
import { addMessageRoutes } from './message-routes.ts';
import { addNoticeRoutes } from './notice-routes.ts';
import { addPresenceEventRoutes } from './presence-event-routes.ts';
import { addPresenceRoutes } from './presence-routes.ts';
import { unavailable } from './problem.ts';
import { addRuleRoutes } from './rule-routes.ts';
import { addSessionRoutes } from './session-routes.ts';
import { XCAP_PATHS } from './xcap/xcap-paths.ts';
import { addXcapRoutes } from './xcap/xcap-routes.ts';

/** What each route is given. */
export interface Api {
  /** @throws Problem 503 while the front end starts or stops */
  frontEnd(): FrontEnd;
}

/** The API of docs/http.md, described by its routes' schemas at /v1/openapi.json. */
export function addApi(server: FastifyInstance, frontEnd: () => FrontEnd | undefined): void {
  const api: Api = {
    frontEnd() {
      const running = frontEnd();
      if (!running) throw unavailable(1, 'Starting or stopping');
      return running;
    },
  };
  server.register(async (v1) => {
    await v1.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Rollcall',
          description: 'Registers clients with a pool over HTTP, carries their messages, and tells who is there.',
          version: '1',
        },
        paths: XCAP_PATHS,
        components: {
          securitySchemes: {
            accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
            digest: { type: 'http', scheme: 'digest' },
          },
        },
      },
    });
    v1.get('/v1/openapi.json', { schema: { hide: true } }, () => v1.swagger());
    addSessionRoutes(v1, api);
    addAppPasswordRoutes(v1, api);
    addEndpointRoutes(v1, api);
    addEventRoutes(v1, api);
    addMessageRoutes(v1, api);
    addAddressBookRoutes(v1, api);
    addContactRoutes(v1, api);
    addGroupRoutes(v1, api);
    addNoticeRoutes(v1, api);
    addRuleRoutes(v1, api);
    addAccountRoutes(v1, api);
    addFrontEndRoutes(v1, api);
    addPresenceRoutes(v1, api);
    addPresenceEventRoutes(v1, api);
    addXcapRoutes(v1, api);
  });
}
